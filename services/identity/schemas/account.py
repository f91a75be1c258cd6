"""What the owner of an account is shown."""

from marshmallow import Schema, fields


class OrganisationAnswer(Schema):
    tax_code = fields.String(required=True)
    name = fields.String(required=True)
    address = fields.String(allow_none=True)
    representative = fields.String(required=True)


class ProofAnswer(Schema):
    method = fields.String(required=True)
    assurance = fields.String(required=True)
    at = fields.DateTime(required=True)


class ActingForAnswer(Schema):
    kind = fields.String(required=True)
    full_name = fields.String(required=True)
    deeds = fields.List(fields.String(), required=True)


class AccountAnswer(Schema):
    """`full_name` is the holder's: of a business its name. `phone` is masked; `agency` and `roles` are those
    of officials; `organisation` is a business's; `proofs` are the times the holder proved who they are."""

    account_id = fields.UUID(required=True)
    kind = fields.String(required=True)
    login = fields.String(required=True)
    full_name = fields.String(required=True)
    date_of_birth = fields.Date(allow_none=True)
    phone = fields.String(required=True)
    email = fields.String(allow_none=True)
    assurance = fields.String(required=True)
    proofs = fields.List(fields.Nested(ProofAnswer), required=True)
    organisation = fields.Nested(OrganisationAnswer, allow_none=True)
    agency = fields.String(allow_none=True)
    roles = fields.List(fields.String(), required=True)
    acting_for = fields.Nested(ActingForAnswer, required=True, allow_none=True)
