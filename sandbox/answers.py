"""Right answers to any published form, and which papers they need, as a made-up person would give them."""

from collections.abc import Mapping
from typing import Any

BY_WIDGET: Mapping[str, Any] = {
    "text": "Cửa Nam",
    "textarea": "Số 12 phố Hàng Bài, phường Cửa Nam, Hà Nội",
    "date": "2020-02-03",
    "phone": "0912000017",
    "id-number": "001099000017",
    "tax-code": "0101010011",
    "email": "an@example.test",
    "checkbox": True,
}
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def answers(procedure: Mapping[str, Any]) -> dict[str, Any]:
    """Every required answer of the form; a question that hangs on another is asked as the form says."""
    properties = procedure["form"]["schema"]["properties"]
    given: dict[str, Any] = {}
    for step in procedure["form"]["layout"]:
        for field in step["fields"]:
            if field["required"] and _is_asked(field.get("show_when"), given):
                given[field["name"]] = _answer(field, properties[field["name"]])
    return given


def papers(procedure: Mapping[str, Any], given: Mapping[str, Any]) -> list[str]:
    """Ids of the documents that these answers make necessary."""
    documents = procedure["documents"]
    return [one["id"] for one in documents if one["required"] and _is_asked(one.get("when"), given)]


def _is_asked(condition: Mapping[str, Any] | None, given: Mapping[str, Any]) -> bool:
    return condition is None or given.get(condition["field"]) in condition["values"]


def _answer(field: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    if field.get("options"):
        return field["options"][0]["value"]
    if field["widget"] in {"number", "money"}:
        return schema.get("minimum", 1)
    answer = BY_WIDGET[field["widget"]]
    return answer[: schema.get("maxLength", 200)] if isinstance(answer, str) else answer
