"""From the form to an account."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, pre_load, validate, validates_schema

from chassis.web import Body
from services.identity.model.person import parse_full_name
from services.identity.schemas.parsing import Parsed, faults
from vocabulary.people import IdNumber, check_id_number, parse_phone, parse_social_insurance_number
from vocabulary.refusals import Invalid

METHODS = ("phone", "social-insurance", "post", "usb-token", "sim-pki")
REQUIRED = "Missing data for required field."


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
