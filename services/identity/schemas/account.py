"""What the owner of an account is shown."""

from marshmallow import Schema, fields


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
