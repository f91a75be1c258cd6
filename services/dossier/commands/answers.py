"""A form's answers against its JSON Schema, in words that say how to mend each one."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from contracts.catalog import Form
from services.dossier.commands.formats import CHECKER
from vocabulary.refusals import Fault, Invalid, Refusal, TooLarge
from vocabulary.text import Text

Answers = dict[str, Any]

MOST_BYTES = 100_000
"""Of one form's answers as JSON: far above any form of the catalogue, far below what hurts."""

WRONG: dict[str, Callable[[Any], Text]] = {
    "type": lambda _: Text("Câu trả lời chưa đúng kiểu.", "The answer is of the wrong kind."),
    "enum": lambda _: Text("Hãy chọn một phương án có sẵn.", "Choose one of the options given."),
    "const": lambda _: Text("Bạn cần đồng ý với mục này.", "You need to agree to this."),
    "pattern": lambda _: Text("Câu trả lời chưa đúng mẫu.", "The answer is not in the right form."),
    "minLength": lambda n: Text(f"Nhập ít nhất {n} ký tự.", f"Enter at least {n} characters."),
    "maxLength": lambda n: Text(f"Nhập tối đa {n} ký tự.", f"Enter at most {n} characters."),
    "minimum": lambda n: Text(f"Nhập số từ {n} trở lên.", f"Enter a number from {n} up."),
    "exclusiveMinimum": lambda n: Text(f"Nhập số lớn hơn {n}.", f"Enter a number above {n}."),
    "maximum": lambda n: Text(f"Nhập số không quá {n}.", f"Enter a number up to {n}."),
    "exclusiveMaximum": lambda n: Text(f"Nhập số nhỏ hơn {n}.", f"Enter a number below {n}."),
}
OTHERWISE = Text("Câu trả lời chưa đúng.", "The answer is not right.")
UNKNOWN = Text("Mẫu này không có mục như vậy.", "This form has no such question.")
UNREADABLE = Text("Có ký tự không đọc được.", "There is a character that cannot be read.")
NEVER: dict[str, Any] = {"not": {}}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def partly(form: Form, given: Mapping[str, Any], at: str) -> Answers:
    """The answers given so far, tidied. Invalid names each wrong one, with pointers below `at`.

    What is not answered yet is no fault, nor is an answer to a question that is hidden just now.
    """
    answers = _tidied(given)
    faults = [fault for name, answer in answers.items() for fault in _alone(form, name, answer, at)]
    if faults:
        raise invalid(faults)
    if len(msgspec.json.encode(answers)) > MOST_BYTES:
        raise TooLarge("form-too-large", "Nội dung khai quá dài.", "The answers are too long.")
    return answers


def fitting(form: Form, known: Mapping[str, Any]) -> Answers:
    """Those of the answers, which nobody gave here, that this form takes."""
    tidy = _tidied(known)
    return {name: answer for name, answer in tidy.items() if not any(_alone(form, name, answer, ""))}


def settled(form: Form, answers: Answers) -> Answers:
    """Without the answers to questions that other answers have hidden."""
    while hidden := {str(error.path[0]) for error in _errors(_validator(form), answers) if _is_hidden(error)}:
        answers = {name: answer for name, answer in answers.items() if name not in hidden}
    return answers


def faults(form: Form, answers: Answers) -> list[Fault]:
    """Everything that keeps these settled answers from being complete, one fault a question."""
    found: dict[str, Fault] = {}
    for error in _errors(_validator(form), answers):
        for fault in _faults_of(form, error):
            found.setdefault(fault.pointer, fault)
    return list(found.values())


def invalid(found: list[Fault]) -> Invalid:
    return Invalid(
        "invalid",
        "Có thông tin chưa đúng. Xem từng mục bên dưới.",
        "Some answers are not right. See each below.",
        found,
    )


def is_unreadable(text: str) -> bool:
    """Control characters and half characters, which no keyboard types and no store takes."""
    return _CONTROL.search(text) is not None


def _validator(form: Form) -> Draft202012Validator:
    return Draft202012Validator(_named(form.schema), format_checker=CHECKER)


def _named(schema: Any) -> Any:
    """With NEVER for each property that is `false`: jsonschema does not name the property of a `false`."""
    if isinstance(schema, list):
        return [_named(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: _properties(one) if key == "properties" else _named(one) for key, one in schema.items()}


def _properties(schemas: Mapping[str, Any]) -> Answers:
    return {name: NEVER if schema is False else _named(schema) for name, schema in schemas.items()}


def _errors(validator: Draft202012Validator, answers: Answers) -> list[ValidationError]:
    return list(validator.iter_errors(answers))


def _is_hidden(error: ValidationError) -> bool:
    """The question is not asked in this case."""
    return error.schema is NEVER


def _tidied(given: Mapping[str, Any]) -> Answers:
    """Composed letters, no surrounding blanks; an empty answer is none."""
    neat = {name: _neat(answer) for name, answer in given.items()}
    return {name: answer for name, answer in neat.items() if answer not in (None, "")}


def _neat(answer: Any) -> Any:
    return unicodedata.normalize("NFC", answer).strip() if isinstance(answer, str) else answer


def _alone(form: Form, name: str, answer: Any, at: str) -> Iterator[Fault]:
    """What is wrong with one answer, whatever the others are."""
    schema = form.schema["properties"].get(name)
    if schema is None:
        yield Fault(_pointer(at, name), "unknown-field", UNKNOWN)
    elif isinstance(answer, str) and is_unreadable(answer):
        yield Fault(_pointer(at, name), "unreadable", UNREADABLE)
    else:
        for error in list(_validator(form).descend(answer, schema))[:1]:
            yield _wrong(error, _pointer(at, name), _field(form, name))


def _faults_of(form: Form, error: ValidationError) -> Iterator[Fault]:
    answers: Any = error.instance
    rule: Any = error.validator_value
    if error.validator == "required":
        for name in (name for name in rule if name not in answers):
            yield Fault(_pointer("/form", name), "required", _not_answered(_field(form, name)))
    else:
        name = str(error.path[0])
        yield _wrong(error, _pointer("/form", name), _field(form, name))


def _field(form: Form, name: str) -> Mapping[str, Any]:
    """How the page draws this question."""
    fields = (field for step in form.layout for field in step["fields"])
    return next((field for field in fields if field["name"] == name), {"label": name})


def _not_answered(field: Mapping[str, Any]) -> Text:
    vi, en = field["label"], field.get("label_en") or field["label"]
    return Text(f"Chưa trả lời: {_sentence(vi)}", f"Not answered yet: {_sentence(en)}")


def _sentence(words: str) -> str:
    return words if words.endswith((".", "?", "!")) else f"{words}."


def _wrong(error: ValidationError, pointer: str, field: Mapping[str, Any]) -> Fault:
    if isinstance(error.cause, Refusal):
        return Fault(pointer, error.cause.code, error.cause.detail)
    text = WRONG.get(str(error.validator), lambda _: OTHERWISE)(error.validator_value)
    if error.validator == "pattern" and field.get("hint"):
        hint = Text(field["hint"], field.get("hint_en") or field["hint"])
        text = Text(f"{text.vi} {hint.vi}", f"{text.en} {hint.en}")
    return Fault(pointer, str(error.validator), text)


def _pointer(at: str, name: str) -> str:
    readable = name.encode("utf-8", "replace").decode()
    return f"{at}/{readable.replace('~', '~0').replace('/', '~1')}"
