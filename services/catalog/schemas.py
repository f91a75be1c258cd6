"""What comes in and goes out over HTTP. `x` is Vietnamese, `x_en` English."""

from marshmallow import Schema, fields, validate


class ProceduresQuery(Schema):
    """Empty values narrow nothing. `cursor` and `limit` are read by chassis.paging."""

    audience = fields.String(validate=validate.OneOf(["", "citizen", "business"]))
    event = fields.String(metadata={"description": "slug of a life or business event"})
    q = fields.String(
        validate=validate.Length(max=200),
        metadata={"description": "words, with or without Vietnamese marks, each may be half typed"},
    )
    cursor = fields.String()
    limit = fields.String(metadata={"description": "1 to 100, 20 when absent"})


class VersionQuery(Schema):
    version = fields.Integer(validate=validate.Range(min=1, max=1_000_000))


class PageQuery(Schema):
    cursor = fields.String()
    limit = fields.String(metadata={"description": "1 to 100, 20 when absent"})


class ProcedureItem(Schema):
    code = fields.String()
    name = fields.String()
    name_en = fields.String()
    audience = fields.List(fields.String())
    event = fields.String(metadata={"description": "the main one of `events`"})
    events = fields.List(fields.String())
    agency_level = fields.String()
    service_level = fields.String()


class ProcedurePage(Schema):
    items = fields.List(fields.Nested(ProcedureItem))
    next_cursor = fields.String(allow_none=True)


class AgencyItem(Schema):
    code = fields.String()
    name = fields.String()
    name_en = fields.String()
    level = fields.String()


class AgencyPage(Schema):
    items = fields.List(fields.Nested(AgencyItem))
    next_cursor = fields.String(allow_none=True)


class LifeEventItem(Schema):
    slug = fields.String()
    audience = fields.String()
    name = fields.String()
    name_en = fields.String()
    procedures = fields.Integer(metadata={"description": "how many procedures it leads to"})


class LifeEventList(Schema):
    items = fields.List(fields.Nested(LifeEventItem))


class WhenItem(Schema):
    field = fields.String()
    values = fields.List(fields.Raw())


class DocumentItem(Schema):
    id = fields.String()
    name = fields.String()
    name_en = fields.String()
    required = fields.Boolean()
    case = fields.String(metadata={"description": "when it is asked for, in words; absent: always"})
    case_en = fields.String()
    when = fields.Nested(WhenItem, metadata={"description": "the case as a condition on the form's answers"})


class FeeItem(Schema):
    name = fields.String()
    name_en = fields.String()
    channel = fields.String()
    amount = fields.Integer()
    currency = fields.String()
    valid_from = fields.String(metadata={"description": "first day in force; absent: open"})
    valid_to = fields.String(metadata={"description": "last day in force; absent: open"})


class TimeLimitItem(Schema):
    channel = fields.String()
    amount = fields.Integer()
    unit = fields.String()


class LegalTextItem(Schema):
    number = fields.String()
    name = fields.String()
    name_en = fields.String()


class FormItem(Schema):
    schema = fields.Dict(metadata={"description": "JSON Schema 2020-12 of the answers"})
    layout = fields.List(fields.Dict(), metadata={"description": "the steps and fields that pages draw"})


class ProcedureWhole(ProcedureItem):
    version = fields.Integer()
    published_at = fields.AwareDateTime()
    summary = fields.String()
    summary_en = fields.String()
    sector = fields.String()
    sector_en = fields.String()
    result = fields.String()
    result_en = fields.String()
    assurance = fields.String()
    agencies = fields.List(fields.Nested(AgencyItem))
    documents = fields.List(fields.Nested(DocumentItem))
    form = fields.Nested(FormItem)
    fees = fields.List(fields.Nested(FeeItem))
    time_limits = fields.List(fields.Nested(TimeLimitItem))
    legal_basis = fields.List(fields.Nested(LegalTextItem))
    keywords = fields.List(fields.String())
