from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load

from chassis.web import Body
from services.feedback.model import BEST_SCORE, LONGEST_COMMENT, MOST_SATISFIED, Opinion
from vocabulary.codes import parse_dossier_code
from vocabulary.refusals import Fault, Invalid
from vocabulary.text import Text


def wrong(code: str, detail: Text) -> ValidationError:
    """What chassis.problems reads out of marshmallow's messages."""
    faults: list[Any] = [Fault("", code, detail)]
    return ValidationError(faults)


def between(lowest: int, highest: int) -> fields.Integer:
    hint = Text(f"Chọn từ {lowest} đến {highest}.", f"Choose from {lowest} to {highest}.")

    def check(value: int) -> None:
        if not lowest <= value <= highest:
            raise wrong("range", hint)

    limits = {"minimum": lowest, "maximum": highest}
    return fields.Integer(required=True, strict=True, validate=check, metadata=limits)


def check_comment(text: str) -> None:
    if len(text) > LONGEST_COMMENT:
        limit = f"Viết tối đa {LONGEST_COMMENT} ký tự.", f"Write at most {LONGEST_COMMENT} characters."
        raise wrong("too-long", Text(*limit))


class DossierCode(fields.String):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        try:
            return str(parse_dossier_code(text))
        except Invalid as refusal:
            raise wrong(refusal.code, refusal.detail) from None


class ScoresBody(Body):
    total_time = between(0, BEST_SCORE)
    agency_time = between(0, BEST_SCORE)
    contacts = between(0, BEST_SCORE)
    agencies_visited = between(0, BEST_SCORE)
    attitude = between(0, BEST_SCORE)


class RatingBody(Body):
    """`dossier`, and everything else as one Opinion under `opinion`."""

    dossier = DossierCode(required=True)
    scores = fields.Nested(ScoresBody, required=True)
    satisfaction = between(1, MOST_SATISFIED)
    comment = fields.String(
        allow_none=True, load_default=None, validate=check_comment, metadata={"maxLength": LONGEST_COMMENT}
    )

    @post_load
    def opinion(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        dossier = data.pop("dossier")
        comment = (data.pop("comment") or "").strip() or None
        return {"dossier": dossier, "opinion": Opinion(comment=comment, **data)}


class PageQuery(Schema):
    """Read by chassis.paging; here for the OpenAPI document."""

    cursor = fields.String()
    limit = fields.String(metadata={"description": "1 to 100, usually 20"})


class Scores(Schema):
    total_time = fields.Integer(required=True)
    agency_time = fields.Integer(required=True)
    contacts = fields.Integer(required=True)
    agencies_visited = fields.Integer(required=True)
    attitude = fields.Integer(required=True)


class RatingShown(Schema):
    dossier = fields.String(required=True)
    scores = fields.Nested(Scores, required=True)
    satisfaction = fields.Integer(required=True)
    comment = fields.String(required=True, allow_none=True)
    at = fields.AwareDateTime(required=True)


class Averages(Schema):
    """Indices 0 to 2, satisfaction 1 to 5, to one decimal; null when nobody rated."""

    total_time = fields.Float(required=True, allow_none=True)
    agency_time = fields.Float(required=True, allow_none=True)
    contacts = fields.Float(required=True, allow_none=True)
    agencies_visited = fields.Float(required=True, allow_none=True)
    attitude = fields.Float(required=True, allow_none=True)
    satisfaction = fields.Float(required=True, allow_none=True)


class Ratings(Schema):
    count = fields.Integer(required=True)
    averages = fields.Nested(Averages, required=True)


class AgencyShown(Schema):
    code = fields.String(required=True)
    name = fields.String(required=True)
    name_en = fields.String(required=True)
    ratings = fields.Nested(Ratings, required=True)


class AgenciesPage(Schema):
    items = fields.List(fields.Nested(AgencyShown), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
