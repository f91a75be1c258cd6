"""What comes in."""

from marshmallow import Schema, fields, validate

from chassis.web import Body
from services.dossier.model.workflow import WORKFLOW
from services.dossier.queries import STATES
from vocabulary.codes import PROCEDURE_CODE


class DraftBody(Body):
    procedure = fields.String(required=True, validate=validate.Regexp(PROCEDURE_CODE))
    agency = fields.String(required=True, validate=validate.Length(1, 20))
    form = fields.Dict(keys=fields.String(), load_default=dict)


class WithdrawalBody(Body):
    reason = fields.String(allow_none=True, load_default=None)


class DecisionBody(Body):
    """`items`, `amount`, `due_at` and `result` come with later decisions: until then refused, not lost.

    `decision_id` is the back office's own: the same one again changes nothing and is answered the same;
    under another action it is refused.
    """

    action = fields.String(required=True, validate=validate.Length(1, 40))
    reason = fields.String(allow_none=True, load_default=None)
    decision_id = fields.UUID(allow_none=True, load_default=None)


class OwnListQuery(Schema):
    state = fields.String(load_default=None, validate=validate.OneOf([*STATES]))
    cursor = fields.String()
    limit = fields.String()


class DeskListQuery(Schema):
    """`status` may be given several times; without it, dossiers that are still open."""

    status = fields.List(fields.Integer(validate=validate.OneOf([*WORKFLOW.statuses])), load_default=list)
    overdue = fields.Boolean(load_default=None)
    cursor = fields.String()
    limit = fields.String()


class TrackingQuery(Schema):
    key = fields.String(load_default="")
