"""Right answers to any published form, as a test person might give them."""

from collections.abc import Mapping
from typing import Any

BIRTH = "1.001193"
BY_WIDGET: dict[str, Any] = {
    "text": "Cửa Nam",
    "textarea": "Số 12 phố Hàng Bài, phường Cửa Nam, Hà Nội",
    "date": "2020-02-03",
    "phone": "0912000017",
    "id-number": "001099000017",
    "tax-code": "0101010011",
    "email": "an@example.test",
    "checkbox": True,
}


def complete(procedure: Mapping[str, Any], **wanted: Any) -> dict[str, Any]:
    """Every required answer of the procedure's form, its conditions followed; `wanted` ones first."""
    properties = procedure["form"]["schema"]["properties"]
    answers: dict[str, Any] = {}
    for step in procedure["form"]["layout"]:
        for field in step["fields"]:
            if field["required"] and is_asked(field, answers):
                answers[field["name"]] = wanted.get(field["name"], answer(field, properties[field["name"]]))
    return answers


def is_asked(asked: Mapping[str, Any], answers: Mapping[str, Any]) -> bool:
    condition = asked.get("show_when") or asked.get("when")
    return condition is None or answers.get(condition["field"]) in condition["values"]


def answer(field: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    if field.get("options"):
        return field["options"][0]["value"]
    if field["widget"] in {"number", "money"}:
        return schema.get("minimum", 1)
    given = BY_WIDGET[field["widget"]]
    return given[: schema.get("maxLength", 200)] if isinstance(given, str) else given


def papers(procedure: Mapping[str, Any], answers: Mapping[str, Any]) -> list[str]:
    """The documents that must be attached with these answers."""
    return [d["id"] for d in procedure["documents"] if d["required"] and is_asked(d, answers)]


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
