"""What comes in and goes out over HTTP."""

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, pre_load, validate, validates_schema

from chassis.web import Body
from services.identity.model.person import parse_full_name
from vocabulary.people import IdNumber, check_id_number, parse_phone, parse_social_insurance_number
from vocabulary.refusals import Fault, Invalid

METHODS = ("phone", "social-insurance", "post", "usb-token", "sim-pki")
REQUIRED = "Missing data for required field."


class Parsed(fields.String):
    """A text that a rule of the vocabulary reads; its refusal becomes this field's fault."""

    def __init__(self, parse: Callable[[str], str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._parse = parse

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        try:
            return self._parse(text)
        except Invalid as refusal:
            raise ValidationError(faults(refusal)) from None


def faults(refusal: Invalid) -> list[Any]:
    """What chassis.problems reads out of marshmallow's messages."""
    return [Fault("", refusal.code, refusal.detail)]


class PersonBody(Body):
    id_number = Parsed(lambda text: IdNumber.parse(text).value, required=True)
    full_name = Parsed(parse_full_name, required=True)
    date_of_birth = fields.Date(required=True)
    phone = Parsed(parse_phone, required=True)
    email = fields.Email(allow_none=True, validate=validate.Length(max=254))
    social_insurance_number = Parsed(parse_social_insurance_number, allow_none=True)

    @pre_load
    def without_blanks(self, data: Any, **_kwargs: Any) -> Any:
        """A field left empty is a field not answered."""
        if not isinstance(data, Mapping):
            return data
        return {name: value for name, value in data.items() if value != ""}

    @validates_schema(skip_on_field_errors=True)
    def check_agreement(self, data: Mapping[str, Any], **_kwargs: Any) -> None:
        try:
            check_id_number(data["id_number"], data["date_of_birth"])
        except Invalid as refusal:
            raise ValidationError({"id_number": faults(refusal)}) from None


class RegistrationBody(Body):
    kind = fields.String(required=True, validate=validate.OneOf(["citizen", "business"]))
    method = fields.String(required=True, validate=validate.OneOf(METHODS))
    captcha = fields.String(required=True)
    person = fields.Nested(PersonBody)
    business = fields.Dict()

    @validates_schema
    def check_has_person(self, data: Mapping[str, Any], **_kwargs: Any) -> None:
        if (data.get("kind"), data.get("method")) == ("citizen", "phone") and "person" not in data:
            raise ValidationError({"person": [REQUIRED]})


class CodeBody(Body):
    code = Parsed(lambda text: "".join(text.split()), required=True, validate=validate.Length(max=20))


class PasswordBody(Body):
    password = fields.String(required=True, load_only=True)


class LoginBody(Body):
    login = fields.String(required=True, validate=validate.Length(max=100))
    password = fields.String(required=True, load_only=True, validate=validate.Length(max=1000))
    captcha = fields.String(required=True)
    device = fields.String(allow_none=True, validate=validate.Length(max=200))


class RefreshBody(Body):
    refresh_token = fields.String(required=True, validate=validate.Length(max=200))


class ChallengeAnswer(Schema):
    """An ALTCHA v2 challenge; any ALTCHA client solves it."""

    parameters = fields.Dict(required=True)
    signature = fields.String(required=True)


class PictureAnswer(Schema):
    """Five digits to read or hear. `captcha` is then `picture:<id>:<digits>`; one try."""

    id = fields.UUID(required=True)
    image = fields.String(required=True, metadata={"description": "data URI of a PNG"})
    sound = fields.String(required=True, metadata={"description": "where to hear it: the path of a WAV"})


class RegistrationAnswer(Schema):
    """`resend_after`: seconds until the code can be asked for again."""

    id = fields.UUID(required=True)
    state = fields.String(required=True)
    expires_at = fields.DateTime(required=True)
    resend_after = fields.Integer(required=True)


class ConfirmedAnswer(Schema):
    id = fields.UUID(required=True)
    state = fields.String(required=True)


class NewAccountAnswer(Schema):
    account_id = fields.UUID(required=True)
    login = fields.String(required=True)
    assurance = fields.String(required=True)


class TokensAnswer(Schema):
    """`expires_in`: seconds the access token is good for."""

    access_token = fields.String(required=True)
    refresh_token = fields.String(required=True)
    expires_in = fields.Integer(required=True)
    device = fields.String(required=True)


class ClientTokenAnswer(Schema):
    """RFC 6749 §5.1. `expires_in`: seconds."""

    access_token = fields.String(required=True)
    token_type = fields.String(required=True)
    expires_in = fields.Integer(required=True)
    scope = fields.String(required=True)


class AwaitingCodeAnswer(Schema):
    """`resend_after`: seconds until a new login may send another code."""

    id = fields.UUID(required=True)
    state = fields.String(required=True)
    resend_after = fields.Integer(required=True)


class AccountAnswer(Schema):
    """`phone` is masked; `agency` and `roles` are those of officials."""

    account_id = fields.UUID(required=True)
    kind = fields.String(required=True)
    login = fields.String(required=True)
    full_name = fields.String(required=True)
    date_of_birth = fields.Date(allow_none=True)
    phone = fields.String(required=True)
    email = fields.String(allow_none=True)
    assurance = fields.String(required=True)
    agency = fields.String(allow_none=True)
    roles = fields.List(fields.String(), required=True)


class KeysAnswer(Schema):
    keys = fields.List(fields.Dict(), required=True)
