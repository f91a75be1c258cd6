"""What goes out, as the OpenAPI document describes it."""

from marshmallow import Schema, fields


class Procedure(Schema):
    code = fields.String(required=True)
    version = fields.Integer(required=True)
    name = fields.String(required=True)


class Agency(Schema):
    code = fields.String(required=True)
    name = fields.String(required=True)


class File(Schema):
    id = fields.UUID(required=True)
    document = fields.String(required=True)
    name = fields.String(required=True)
    media_type = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    scan = fields.String(required=True)
    added_at = fields.AwareDateTime(required=True)


class Missing(Schema):
    """An answer (`/form/...`) or a paper (`/documents/...`) that submission still wants."""

    pointer = fields.String(required=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)


class Closed(Schema):
    outcome = fields.String(required=True)
    at = fields.AwareDateTime(required=True)


class Step(Schema):
    """`by_agency` is the code of the agency that acted; it and its name are null for the applicant, or for
    somebody who acted for them (`by_mandate`)."""

    status = fields.Integer(required=True)
    status_name = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    by_agency = fields.String(required=True, allow_none=True)
    by_agency_name = fields.String(required=True, allow_none=True)
    by_mandate = fields.Boolean(required=True)


class StepWithReason(Step):
    reason = fields.String()


class ReceiptFile(Schema):
    name = fields.String(required=True)
    sha256 = fields.String(required=True)


class Receipt(Schema):
    """`key` opens the public tracking page a little wider; `url` carries it."""

    url = fields.String(required=True)
    key = fields.String(required=True)
    files = fields.List(fields.Nested(ReceiptFile), required=True)


class Head(Schema):
    """What lists show. A draft has neither code nor status."""

    id = fields.UUID(required=True)
    state = fields.String(required=True)
    code = fields.String(allow_none=True)
    status = fields.Integer(allow_none=True)
    status_name = fields.String(allow_none=True)
    procedure = fields.Nested(Procedure, required=True)
    agency = fields.Nested(Agency, required=True)
    version = fields.Integer(required=True)
    submitted_at = fields.AwareDateTime(allow_none=True)
    answer_due_at = fields.AwareDateTime(allow_none=True)
    due_at = fields.AwareDateTime(allow_none=True)
    closed = fields.Nested(Closed, allow_none=True)
    changed_at = fields.AwareDateTime(required=True)


class DeskHead(Head):
    """`deadline` is what the list is sorted by: the due date, before acceptance the answer's."""

    deadline = fields.AwareDateTime(required=True)
    overdue = fields.Boolean(required=True)


class OwnDossier(Head):
    """A draft has `missing`; what was submitted has `history`, `receipt` and the `actions` open to you."""

    form = fields.Dict(required=True)
    files = fields.List(fields.Nested(File), required=True)
    missing = fields.List(fields.Nested(Missing))
    history = fields.List(fields.Nested(StepWithReason))
    receipt = fields.Nested(Receipt)
    actions = fields.List(fields.String())


class DeskDossier(DeskHead):
    """`layout` and `documents` are the procedure's, to show the answers and papers by their names."""

    form = fields.Dict(required=True)
    layout = fields.List(fields.Dict(), required=True)
    documents = fields.List(fields.Dict(), required=True)
    files = fields.List(fields.Nested(File), required=True)
    applicant = fields.Dict(required=True, allow_none=True)
    history = fields.List(fields.Nested(StepWithReason), required=True)
    actions = fields.List(fields.String(), required=True)


class OwnPage(Schema):
    items = fields.List(fields.Nested(Head), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class DeskPage(Schema):
    items = fields.List(fields.Nested(DeskHead), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class Summary(Schema):
    """`in_progress` includes `waiting_for_you`."""

    completed = fields.Integer(required=True)
    in_progress = fields.Integer(required=True)
    closed = fields.Integer(required=True)
    drafts = fields.Integer(required=True)
    waiting_for_you = fields.Integer(required=True)


class Submission(Schema):
    code = fields.String(required=True)
    status = fields.Integer(required=True)
    status_name = fields.String(required=True)
    submitted_at = fields.AwareDateTime(required=True)
    answer_due_at = fields.AwareDateTime(required=True)
    receipt = fields.Nested(Receipt, required=True)


class Tracking(Schema):
    """The last three only with the receipt's key. Never anything personal."""

    code = fields.String(required=True)
    status = fields.Integer(required=True)
    status_name = fields.String(required=True)
    submitted_at = fields.AwareDateTime(required=True)
    due_at = fields.AwareDateTime(required=True, allow_none=True)
    closed = fields.Nested(Closed, required=True, allow_none=True)
    procedure_name = fields.String()
    agency_name = fields.String()
    history = fields.List(fields.Nested(Step))
