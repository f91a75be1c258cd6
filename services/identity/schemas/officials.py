"""An agency's officials, and invitations to join them."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, pre_load, validate

from chassis.web import Body
from services.identity.model.official import parse_roles
from services.identity.model.person import parse_full_name, parse_staff_login
from services.identity.schemas.parsing import Parsed, faults
from vocabulary.people import parse_phone
from vocabulary.refusals import Invalid


class Roles(fields.List[str]):
    """`receiver`, `handler`, `approver`, `administrator`: at least one, in this order in answers."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(fields.String(validate=validate.Length(max=40)), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        try:
            given = super()._deserialize(value, attr, data, **kwargs)
            return list(parse_roles(role for role in given if role))
        except Invalid as refusal:
            raise ValidationError(faults(refusal)) from None


class InvitationBody(Body):
    """`send`: how the link reaches the invited: by `sms`, by `mail`, or as the answer's `link`, to print."""

    login = Parsed(parse_staff_login, required=True)
    full_name = Parsed(parse_full_name, required=True)
    phone = Parsed(parse_phone, required=True)
    email = fields.Email(allow_none=True, validate=validate.Length(max=254))
    roles = Roles(required=True)
    send = fields.String(required=True, validate=validate.OneOf(["sms", "mail", "link"]))

    @pre_load
    def without_blanks(self, data: Any, **_kwargs: Any) -> Any:
        """A field left empty is a field not answered."""
        if not isinstance(data, Mapping):
            return data
        return {name: value for name, value in data.items() if value != ""}


class RolesBody(Body):
    roles = Roles(required=True)


class TokenBody(Body):
    """The part of the invitation's link after `ma=`."""

    token = fields.String(required=True, load_only=True, validate=validate.Length(max=200))


class AcceptanceBody(TokenBody):
    password = fields.String(required=True, load_only=True, validate=validate.Length(max=1000))


class InvitationAnswer(Schema):
    """`link` only when it is to be handed over by hand, and only here: it is kept nowhere."""

    id = fields.UUID(required=True)
    login = fields.String(required=True)
    full_name = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    invited_at = fields.DateTime(required=True)
    expires_at = fields.DateTime(required=True)
    link = fields.String()


class InvitationList(Schema):
    items = fields.List(fields.Nested(InvitationAnswer), required=True)


class InvitedAnswer(Schema):
    """What the invited sees before they accept."""

    agency = fields.String(required=True)
    login = fields.String(required=True)
    full_name = fields.String(required=True)
    phone = fields.String(required=True, metadata={"description": "masked; codes go there"})
    roles = fields.List(fields.String(), required=True)
    expires_at = fields.DateTime(required=True)


class OfficialAnswer(Schema):
    account_id = fields.UUID(required=True)
    login = fields.String(required=True)
    full_name = fields.String(required=True)
    phone = fields.String(required=True, metadata={"description": "masked"})
    email = fields.String(allow_none=True)
    roles = fields.List(fields.String(), required=True)
    state = fields.String(required=True, metadata={"description": "active or suspended"})
    since = fields.DateTime(required=True)


class OfficialPage(Schema):
    items = fields.List(fields.Nested(OfficialAnswer), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class OfficialsQuery(Schema):
    cursor = fields.String()
    limit = fields.Integer()
