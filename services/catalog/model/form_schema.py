"""From the author's steps to what other services use: a JSON Schema 2020-12 and the layout pages draw."""

from collections.abc import Callable, Sequence
from typing import Any

from contracts.catalog import Form
from contracts.event import Name
from services.catalog.model.form import Condition, Field, Step, fields_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"
LONGEST = {"text": 200, "textarea": 2000}
LONGEST_EMAIL = 254


def build_form(steps: Sequence[Step]) -> Form:
    return Form(schema=schema_of(steps), layout=[layout_of(step) for step in steps])


def schema_of(steps: Sequence[Step]) -> dict[str, Any]:
    """Answers that the form accepts whole. A field whose condition is not met must be absent."""
    fields = list(fields_of(steps))
    schema: dict[str, Any] = {
        "$schema": DIALECT,
        "type": "object",
        "properties": {field.name: property_of(field) for field in fields},
        "required": [field.name for field in fields if field.required and field.when is None],
        "additionalProperties": False,
    }
    clauses = [clause_of(field, field.when) for field in fields if field.when is not None]
    return schema | {"allOf": clauses} if clauses else schema


def clause_of(field: Field, when: Condition) -> dict[str, Any]:
    return {
        "if": {"properties": {when.field: {"enum": list(when.values)}}, "required": [when.field]},
        "then": {"required": [field.name]} if field.required else {},
        "else": {"properties": {field.name: False}},
    }


def property_of(field: Field) -> dict[str, Any]:
    return PROPERTIES[field.widget](field)


def text(field: Field) -> dict[str, Any]:
    longest = field.max_length or LONGEST[field.widget]
    # Without a pattern of its own a text still may not be spaces only.
    return {"type": "string", "minLength": 1, "maxLength": longest, "pattern": field.pattern or r"\S"}


def choice(field: Field) -> dict[str, Any]:
    return {"type": "string", "enum": [option.value for option in field.options]}


def whole_number(field: Field) -> dict[str, Any]:
    return {"type": "integer", "minimum": field.minimum, "maximum": field.maximum}


def tick(field: Field) -> dict[str, Any]:
    """A required box is a statement that has to be made: only a ticked one will do."""
    return {"type": "boolean", "const": True} if field.required else {"type": "boolean"}


def formatted(name: str, **more: Any) -> Callable[[Field], dict[str, Any]]:
    return lambda _: {"type": "string", "format": name, **more}


PROPERTIES: dict[str, Callable[[Field], dict[str, Any]]] = {
    "text": text,
    "textarea": text,
    "select": choice,
    "radio": choice,
    "checkbox": tick,
    "number": whole_number,
    "money": whole_number,
    "date": formatted("date"),
    "phone": formatted("vn-phone"),
    "id-number": formatted("vn-id-number"),
    "tax-code": formatted("vn-tax-code"),
    "email": formatted("email", maxLength=LONGEST_EMAIL),
}


def layout_of(step: Step) -> dict[str, Any]:
    return {
        "id": step.id,
        **both("title", step.title),
        **both("hint", step.hint),
        "fields": [field_layout(field) for field in step.fields],
    }


def field_layout(field: Field) -> dict[str, Any]:
    layout: dict[str, Any] = {
        "name": field.name,
        **both("label", field.label),
        **both("hint", field.hint),
        "widget": field.widget,
        "required": field.required,
    }
    if field.options:
        layout["options"] = [{"value": o.value, "label": o.vi, "label_en": o.en} for o in field.options]
    if field.when is not None:
        layout["show_when"] = {"field": field.when.field, "values": list(field.when.values)}
    return layout | given(prefill=field.prefill, autocomplete=field.autocomplete)


def both(key: str, name: Name | None) -> dict[str, Any]:
    """`{"title": vi, "title_en": en}`, or nothing when there is nothing to say."""
    return {} if name is None else {key: name.vi, f"{key}_en": name.en}


def given(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
