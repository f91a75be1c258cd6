"""From the form to an account."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, pre_load, validate, validates_schema

from chassis.web import Body
from services.identity.model.methods import METHODS
from services.identity.model.person import parse_business_name, parse_business_tax_code, parse_full_name
from services.identity.schemas.parsing import Parsed, faults
from services.identity.schemas.signing import LONGEST_SIGNATURE, Waits
from vocabulary.people import (
    IdNumber,
    check_id_number,
    parse_phone,
    parse_social_insurance_number,
    tidy_name,
)
from vocabulary.refusals import Invalid

REQUIRED = "Missing data for required field."


class Blanks(Body):
    """A field left empty is a field not answered."""

    @pre_load
    def without_blanks(self, data: Any, **_kwargs: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        return {name: value for name, value in data.items() if value != ""}


class RepresentativeBody(Blanks):
    """Who somebody is: what the ID card says."""

    id_number = Parsed(lambda text: IdNumber.parse(text).value, required=True)
    full_name = Parsed(parse_full_name, required=True)
    date_of_birth = fields.Date(required=True)

    @validates_schema(skip_on_field_errors=True)
    def check_agreement(self, data: Mapping[str, Any], **_kwargs: Any) -> None:
        try:
            check_id_number(data["id_number"], data["date_of_birth"])
        except Invalid as refusal:
            raise ValidationError({"id_number": faults(refusal)}) from None


class PersonBody(RepresentativeBody):
    phone = Parsed(parse_phone, required=True)
    email = fields.Email(allow_none=True, validate=validate.Length(max=254))
    social_insurance_number = Parsed(parse_social_insurance_number, allow_none=True)


class BusinessBody(Blanks):
    tax_code = Parsed(parse_business_tax_code, required=True)
    name = Parsed(parse_business_name, required=True)
    phone = Parsed(parse_phone, required=True)
    email = fields.Email(required=True, validate=validate.Length(max=254))
    address = Parsed(tidy_name, allow_none=True, validate=validate.Length(max=300))
    representative = fields.Nested(RepresentativeBody, required=True)


class RegistrationBody(Body):
    """`person` of a citizen, `business` of a business; the method may ask for more of a person."""

    kind = fields.String(required=True, validate=validate.OneOf(["citizen", "business"]))
    method = fields.String(required=True, validate=validate.OneOf(METHODS))
    captcha = fields.String(required=True)
    person = fields.Nested(PersonBody)
    business = fields.Nested(BusinessBody)

    @validates_schema(skip_on_field_errors=True)
    def check_is_whole(self, data: Mapping[str, Any], **_kwargs: Any) -> None:
        """What a method that is not open needs is of no interest: that it is not is said first."""
        method, part = METHODS[data["method"]], "person" if data["kind"] == "citizen" else "business"
        if not method.open or data["kind"] not in method.kinds:
            return
        if part not in data:
            raise ValidationError({part: [REQUIRED]})
        lacking = [name for name in method.asks if not data[part].get(name)]
        if lacking:
            raise ValidationError({part: {name: [REQUIRED] for name in lacking}})


class CodeBody(Body):
    code = Parsed(lambda text: "".join(text.split()), required=True, validate=validate.Length(max=20))


class ConfirmationBody(Body):
    """`code` as it was sent or given, or `signature`: base64 of a detached CMS over the challenge."""

    code = Parsed(lambda text: "".join(text.split()), validate=validate.Length(max=20))
    signature = fields.String(validate=validate.Length(max=LONGEST_SIGNATURE))

    @validates_schema(skip_on_field_errors=True)
    def check_is_one(self, data: Mapping[str, Any], **_kwargs: Any) -> None:
        if len(data) != 1:
            raise ValidationError({"code": [REQUIRED]})


class PasswordBody(Body):
    password = fields.String(required=True, load_only=True)


class RegistrationAnswer(Waits):
    """`resend_after`: seconds until the code can be asked for again, where one was sent to the phone.

    `registration_code`: what to read out at a counter, where one must be visited; `refusal`: why its clerk
    did not confirm, in the reader's language.
    """

    id = fields.UUID(required=True)
    state = fields.String(required=True)
    expires_at = fields.DateTime(required=True)
    resend_after = fields.Integer()
    registration_code = fields.String()
    refusal = fields.String()


class ConfirmedAnswer(Schema):
    id = fields.UUID(required=True)
    state = fields.String(required=True)


class NewAccountAnswer(Schema):
    account_id = fields.UUID(required=True)
    login = fields.String(required=True)
    assurance = fields.String(required=True)
