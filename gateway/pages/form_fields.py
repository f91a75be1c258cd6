"""One field of a form: what it is called, when it is asked, how an answer is read and what is wrong with it.

The layout says how it is drawn, the schema what an answer may be. No I/O.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator

from gateway.pages import form_values
from vocabulary.text import Text

Answers = Mapping[str, Any]

YES, NO = Text("Có", "Yes"), Text("Không", "No")
NOT_ANSWERED = {"checkbox": "must-tick", "select": "choose", "radio": "choose"}
WORDS_FOR_RULE = {
    "minLength": "too-short",
    "maxLength": "too-long",
    "minimum": "too-small",
    "exclusiveMinimum": "too-small",
    "maximum": "too-large",
    "exclusiveMaximum": "too-large",
    "const": "must-tick",
    "enum": "choose",
}


@dataclass(frozen=True)
class Trouble:
    """What is wrong with one answer. `code` names the words (`error.<code>`), `limit` completes them."""

    name: str
    code: str
    limit: Any = None

    @property
    def pointer(self) -> str:
        return "/" + self.name.replace("~", "~0").replace("/", "~1")


@dataclass(frozen=True)
class Condition:
    """Shown only while the field `name` has one of `values`."""

    name: str
    values: tuple[Any, ...]

    def met(self, answers: Answers) -> bool:
        return self.name in answers and answers[self.name] in self.values


@dataclass(frozen=True)
class Option:
    value: Any
    label: Text


@dataclass(frozen=True)
class Field:
    name: str
    label: Text
    hint: Text | None
    widget: str
    required: bool
    options: tuple[Option, ...]
    rules: Mapping[str, Any]
    prefill: str | None
    condition: Condition | None
    autocomplete: str | None

    def words(self, value: Any) -> Text:
        """The answer as the check page shows it."""
        if self.widget == "checkbox":
            return YES if value else NO
        for option in self.options:
            if option.value == value:
                return option.label
        plain = form_values.shown(self.widget, value)
        return Text(plain, plain)

    def read(self, text: str) -> Any:
        """The JSON value of what was posted, None when nothing was. Raises Unreadable."""
        if self.widget == "checkbox":
            return bool(text)
        bare = form_values.tidy(text)
        by_text = {str(option.value): option.value for option in self.options}
        return form_values.parse(self.widget, bare, by_text) if bare else None

    def trouble(self, value: Any) -> Trouble | None:
        """What is wrong with a value that could be read: missing, or against a rule of the schema."""
        if value is None or (value is False and self.must_be_ticked):
            return Trouble(self.name, NOT_ANSWERED.get(self.widget, "required")) if self.required else None
        error = next(iter(Draft202012Validator(self.rules).iter_errors(value)), None)
        if error is None:
            return None
        return Trouble(self.name, WORDS_FOR_RULE.get(str(error.validator), "pattern"), error.validator_value)

    def accepted(self, known: Any) -> Any:
        """A value known from elsewhere, if it is a good answer here; None otherwise."""
        try:
            value = self.read(form_values.typed(self.widget, known))
        except form_values.Unreadable:
            return None
        return None if self.trouble(value) else value

    @property
    def must_be_ticked(self) -> bool:
        return self.widget == "checkbox" and self.required and self.rules.get("const") is True


def field_of(row: Mapping[str, Any], rules: Mapping[str, Any]) -> Field:
    when = row.get("show_when")
    return Field(
        name=row["name"],
        label=text_of(row, "label"),
        hint=optional_text(row, "hint"),
        widget=row["widget"],
        required=row.get("required", False),
        options=tuple(Option(each["value"], text_of(each, "label")) for each in row.get("options", ())),
        rules=rules,
        prefill=row.get("prefill"),
        condition=Condition(when["field"], tuple(when["values"])) if when else None,
        autocomplete=row.get("autocomplete"),
    )


def text_of(row: Mapping[str, Any], key: str) -> Text:
    return Text(row[key], row.get(f"{key}_en") or row[key])


def optional_text(row: Mapping[str, Any], key: str) -> Text | None:
    return text_of(row, key) if row.get(key) else None
