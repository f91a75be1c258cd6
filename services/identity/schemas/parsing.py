"""Texts that a rule of the vocabulary reads."""

from collections.abc import Callable
from typing import Any

from marshmallow import ValidationError, fields

from vocabulary.refusals import Fault, Invalid


class Parsed(fields.String):
    """A text that a rule of the vocabulary reads; its refusal becomes this field's fault."""

    def __init__(self, parse: Callable[[str], str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._parse = parse

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        try:
            return self._parse(text)
        except Invalid as refusal:
            raise ValidationError(faults(refusal)) from None


def faults(refusal: Invalid) -> list[Any]:
    """What chassis.problems reads out of marshmallow's messages."""
    return [Fault("", refusal.code, refusal.detail)]
