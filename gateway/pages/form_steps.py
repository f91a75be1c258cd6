"""A procedure's form as steps: what to ask now, what was answered, what is missing. No I/O.

The catalogue publishes `layout` (what the pages draw) and `schema` (JSON Schema 2020-12, what the dossier
service checks). Here they meet.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gateway.pages import form_values
from gateway.pages.form_fields import Answers, Field, Trouble, field_of, optional_text, text_of
from vocabulary.text import Text


@dataclass(frozen=True)
class Step:
    id: str
    number: int
    title: Text
    hint: Text | None
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Reading:
    """One posted step: `answers` is the whole form with what could be read, `raw` what was typed.

    `appeared` names the fields that the new answers call for and the page did not show yet.
    """

    answers: dict[str, Any]
    raw: dict[str, str]
    troubles: tuple[Trouble, ...]
    appeared: tuple[str, ...]

    @property
    def finished(self) -> bool:
        return not self.troubles and not self.appeared


@dataclass(frozen=True)
class Form:
    steps: tuple[Step, ...]

    @classmethod
    def of(cls, published: Mapping[str, Any]) -> "Form":
        """From a procedure's `form`: `{schema, layout}`."""
        rules = published["schema"].get("properties", {})
        return cls(tuple(step_of(row, number, rules) for number, row in enumerate(published["layout"], 1)))

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        return {each.name: each for step in self.steps for each in step.fields}

    def asks(self, asked: Field, answers: Answers) -> bool:
        """Whether the field is shown: its condition is met by a field that is itself shown."""
        if asked.condition is None:
            return True
        other = self.fields.get(asked.condition.name)
        return other is not None and asked.condition.met(answers) and self.asks(other, answers)

    def asked(self, step: Step, answers: Answers) -> list[Field]:
        return [each for each in step.fields if self.asks(each, answers)]

    def walk(self, answers: Answers) -> list[Step]:
        """The steps that have something to ask, in order."""
        return [step for step in self.steps if self.asked(step, answers)]

    def pruned(self, answers: Answers) -> dict[str, Any]:
        """Only the answers to questions that are asked: a hidden field must be absent."""
        return {
            name: value
            for name, value in answers.items()
            if value is not None and name in self.fields and self.asks(self.fields[name], answers)
        }

    def read(self, step: Step, posted: Mapping[str, str], shown: Iterable[str], answers: Answers) -> Reading:
        """One step as posted, over the answers there were. `shown` names the fields that were on the page."""
        on_page = [each for each in step.fields if each.name in set(shown)]
        raw = {each.name: posted.get(each.name, "") for each in on_page}
        values, troubles = read_fields(on_page, raw)
        merged = {**answers, **values}
        now_asked = {each.name for each in self.asked(step, merged)}
        return Reading(
            self.pruned(merged),
            raw,
            tuple(each for each in troubles if each.name in now_asked),
            tuple(each.name for each in self.asked(step, merged) if each.name not in raw),
        )

    def troubles(self, answers: Answers) -> dict[int, list[Trouble]]:
        """Everything missing or wrong, by step number, at once."""
        found: dict[int, list[Trouble]] = {}
        for step in self.steps:
            all_of_step = [each.trouble(answers.get(each.name)) for each in self.asked(step, answers)]
            if any(all_of_step):
                found[step.number] = [each for each in all_of_step if each]
        return found

    def prefilled(self, account: Mapping[str, Any]) -> dict[str, Any]:
        """The answers the account already has, by the layout's `prefill`."""
        wanted = [each for each in self.fields.values() if each.prefill]
        return self.pruned({each.name: each.accepted(account.get(each.prefill or "")) for each in wanted})

    def step_of(self, name: str) -> Step | None:
        return next((step for step in self.steps for each in step.fields if each.name == name), None)


def read_fields(fields: Iterable[Field], raw: Mapping[str, str]) -> tuple[dict[str, Any], list[Trouble]]:
    """What could be read by name (None where nothing usable was typed), and what is wrong."""
    values: dict[str, Any] = {}
    troubles: list[Trouble] = []
    for each in fields:
        try:
            value = each.read(raw[each.name])
            trouble = each.trouble(value)
        except form_values.Unreadable as unreadable:
            value, trouble = None, Trouble(each.name, unreadable.code)
        values[each.name] = None if trouble else value
        troubles += [trouble] if trouble else []
    return values, troubles


def step_of(row: Mapping[str, Any], number: int, rules: Mapping[str, Any]) -> Step:
    fields = tuple(field_of(each, rules.get(each["name"], {})) for each in row["fields"])
    return Step(row["id"], number, text_of(row, "title"), optional_text(row, "hint"), fields)
