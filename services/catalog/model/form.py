"""A form as its author wrote it: steps of fields, each in both languages, checked as it is read."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from contracts.event import Name

Widget = Literal[
    "text",
    "textarea",
    "date",
    "number",
    "select",
    "radio",
    "checkbox",
    "phone",
    "id-number",
    "tax-code",
    "email",
    "money",
]
Prefill = Literal["full_name", "id_number", "date_of_birth", "phone", "email", "address"]
NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")
STEP_ID = re.compile(r"[a-z][a-z0-9-]{1,39}")
WITH_OPTIONS = ("select", "radio")
WITH_BOUNDS = ("number", "money")
WITH_LENGTH = ("text", "textarea")


@dataclass(frozen=True)
class Option:
    value: str
    vi: str
    en: str


@dataclass(frozen=True)
class Condition:
    """Met when the answer to `field` is one of `values`. Never met while that field has no answer."""

    field: str
    values: tuple[str | bool, ...]


@dataclass(frozen=True)
class Field:
    """One question. `minimum` and `maximum` bound a number; money is whole VND. Lengths are in characters."""

    name: str
    widget: Widget
    label: Name
    hint: Name | None = None
    required: bool = True
    options: tuple[Option, ...] = ()
    when: Condition | None = None
    prefill: Prefill | None = None
    autocomplete: str | None = None
    max_length: int | None = None
    pattern: str | None = None
    minimum: int | None = None
    maximum: int | None = None

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(f"field name {self.name!r} is not lower_snake_case")
        self._check_options()
        self._check_bounds()
        self._check_text()

    def _check_options(self) -> None:
        values = [option.value for option in self.options]
        if (self.widget in WITH_OPTIONS) != bool(values):
            raise ValueError(f"field {self.name}: only select and radio have options, and must")
        if len(set(values)) != len(values):
            raise ValueError(f"field {self.name}: two options have one value")

    def _check_bounds(self) -> None:
        bounds = (self.minimum, self.maximum)
        if self.widget not in WITH_BOUNDS:
            if bounds != (None, None):
                raise ValueError(f"field {self.name}: only number and money have minimum and maximum")
        elif self.minimum is None or self.maximum is None or self.minimum > self.maximum:
            raise ValueError(f"field {self.name}: {self.widget} needs minimum and maximum, in that order")

    def _check_text(self) -> None:
        if (self.max_length or self.pattern) and self.widget not in WITH_LENGTH:
            raise ValueError(f"field {self.name}: only text and textarea have max_length and pattern")
        if self.pattern:
            re.compile(self.pattern)
            if self.hint is None:
                raise ValueError(f"field {self.name}: a pattern needs a hint that says it in words")

    def can_answer(self, value: str | bool) -> bool:
        if self.widget == "checkbox":
            return isinstance(value, bool)
        return value in [option.value for option in self.options]


@dataclass(frozen=True)
class Step:
    """One page of the form."""

    id: str
    title: Name
    fields: tuple[Field, ...]
    hint: Name | None = None

    def __post_init__(self) -> None:
        if not STEP_ID.fullmatch(self.id):
            raise ValueError(f"step id {self.id!r} is not lower-kebab-case")
        if not self.fields:
            raise ValueError(f"step {self.id}: has no fields")


def fields_of(steps: Sequence[Step]) -> Iterator[Field]:
    return (field for step in steps for field in step.fields)


def check_steps(steps: Sequence[Step]) -> None:
    """ValueError when ids or names repeat, or a condition asks about anything but an earlier choice."""
    check_unique("step id", [step.id for step in steps])
    check_unique("field name", [field.name for field in fields_of(steps)])
    earlier: dict[str, Field] = {}
    for field in fields_of(steps):
        if field.when is not None:
            check_condition(f"field {field.name}", field.when, earlier)
        earlier[field.name] = field


def check_condition(whose: str, when: Condition, fields: dict[str, Field]) -> None:
    asked = fields.get(when.field)
    if asked is None:
        raise ValueError(f"{whose}: `when` asks about {when.field!r}, which no earlier field is called")
    if not when.values:
        raise ValueError(f"{whose}: `when` names no values")
    for value in when.values:
        if not asked.can_answer(value):
            raise ValueError(f"{whose}: {when.field} can never be {value!r}")


def check_unique(what: str, names: Sequence[str]) -> None:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"{what} used twice: {', '.join(repeated)}")
