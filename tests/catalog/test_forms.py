"""Every seeded form, and what the reader of TOML files refuses."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from services.catalog.adapters import files
from services.catalog.model.form import Field, Step, fields_of
from services.catalog.model.procedure import Procedure

PROCEDURES = {procedure.code: procedure for procedure in files.seed_procedures()}
BIRTH = files.DATA / "procedures" / "1.001193.toml"
SAMPLES = {
    "text": "Nguyễn Văn An",
    "textarea": "Một dòng",
    "date": "2026-11-23",
    "phone": "0912000017",
    "id-number": "001099000017",
    "tax-code": "0100109106",
    "email": "an@example.test",
}
PATTERNED = {
    r"^[0-9]{12}$": "123456789012",
    r"^[0-9]{10}$": "0112000017",
    r"^([0-9]{6}|[0-9]{8})$": "640399",
    r"^([01][0-9]|2[0-3]):[0-5][0-9]$": "21:30",
    r"^[A-Z][0-9]{7,8}$": "C1234567",
}
every_procedure = pytest.mark.parametrize("procedure", PROCEDURES.values(), ids=PROCEDURES)


def schema_of(procedure: Procedure) -> dict[str, Any]:
    schema: dict[str, Any] = procedure.content()["form"]["schema"]
    return schema


def an_answer(field: Field, choice: int) -> Any:
    if field.options:
        return field.options[choice % len(field.options)].value
    if field.widget == "checkbox":
        return field.required or choice % 2 == 0
    if field.widget in {"number", "money"}:
        return field.minimum
    return PATTERNED[field.pattern] if field.pattern else SAMPLES[field.widget]


def asked(field: Field, answers: dict[str, Any]) -> bool:
    return field.when is None or answers.get(field.when.field) in field.when.values


def whole_answers(procedure: Procedure, choice: int) -> dict[str, Any]:
    """Every question that is asked when each choice takes its option number `choice`."""
    answers: dict[str, Any] = {}
    for field in fields_of(procedure.all_steps):
        if asked(field, answers):
            answers[field.name] = an_answer(field, choice)
    return answers


@every_procedure
def test_its_schema_takes_whole_answers_in_every_case(procedure: Procedure) -> None:
    schema = schema_of(procedure)
    Draft202012Validator.check_schema(schema)
    for choice in range(6):
        Draft202012Validator(schema).validate(whole_answers(procedure, choice))


@every_procedure
def test_a_missing_a_hidden_and_an_unknown_answer_are_refused(procedure: Procedure) -> None:
    validator = Draft202012Validator(schema_of(procedure))
    for choice in range(3):
        answers = whole_answers(procedure, choice)
        assert not validator.is_valid(answers | {"unknown": "x"})
        for field in fields_of(procedure.all_steps):
            if field.name not in answers:
                hidden = answers | {field.name: an_answer(field, 0)}
                assert not validator.is_valid(hidden), f"{field.name} is hidden here"
            elif field.required:
                missing = {name: value for name, value in answers.items() if name != field.name}
                assert not validator.is_valid(missing), f"{field.name} is required here"


@every_procedure
def test_text_of_spaces_only_is_no_answer(procedure: Procedure) -> None:
    validator = Draft202012Validator(schema_of(procedure))
    answers = whole_answers(procedure, 0)
    name = next(f.name for f in fields_of(procedure.all_steps) if f.widget == "text" and f.name in answers)
    assert not validator.is_valid(answers | {name: "   "})


def test_no_two_forms_ask_the_same() -> None:
    asks = [sorted(field.name for field in fields_of(p.steps)) for p in PROCEDURES.values()]
    assert len({tuple(names) for names in asks}) == len(PROCEDURES)
    schemas = [schema_of(p) for p in PROCEDURES.values()]
    assert all(one != other for at, one in enumerate(schemas) for other in schemas[at + 1 :])


@every_procedure
def test_it_asks_enough_of_its_own_in_steps_and_something_only_sometimes(procedure: Procedure) -> None:
    own = list(fields_of(procedure.steps))
    shared = {field.name for field in fields_of(procedure.begins_with + procedure.ends_with)}
    assert len(own) >= 8
    assert len(procedure.steps) >= 2
    assert any(field.when for field in own)
    assert not shared & {field.name for field in own}
    assert all(document.case for document in procedure.documents if document.when)


def pairs(value: Any, place: str) -> Iterator[tuple[str, str, str]]:
    """Every (place, vi, en) of a published procedure, but for options that are proper names."""
    if isinstance(value, list):
        for at, one in enumerate(value):
            yield from pairs(one, f"{place}[{at}]")
    elif isinstance(value, dict):
        for key, one in value.items():
            if f"{key}_en" in value and len(value.get("options", [])) < 30:
                yield f"{place}.{key}", one, value[f"{key}_en"]
            if not (key == "options" and len(one) > 30):
                yield from pairs(one, f"{place}.{key}")


@every_procedure
def test_every_text_is_there_in_both_languages(procedure: Procedure) -> None:
    content = procedure.content()
    found = list(pairs(content, "$"))
    assert len(found) > 30
    for place, vi, en in found:
        assert vi.strip(), place
        assert en.strip(), place
        assert vi != en, f"{place} is not translated: {vi}"


def test_english_has_no_vietnamese_sentences_left_in_it() -> None:
    """Vietnamese words stay in English only inside quotes, codes of decisions and law, and examples."""
    marks = set("ạảãàáâậầấẩẫăắằặẳẵóòọõỏôộổỗồốơờớợởỡéèẻẹẽêếềệểễúùụủũưựữửừứíìịỉĩýỳỷỵỹđ")
    for procedure in PROCEDURES.values():
        for place, _, en in pairs(procedure.content()["form"], procedure.code):
            bare = en.split("such as")[0].split("For example")[0].split('"')[0]
            assert not marks & set(bare.lower()), f"{place}: {en}"


@every_procedure
def test_options_are_the_schemas_enum_and_names_fit(procedure: Procedure) -> None:
    content = procedure.content()
    properties = content["form"]["schema"]["properties"]
    drawn = [field for step in content["form"]["layout"] for field in step["fields"]]
    assert [field["name"] for field in drawn] == list(properties)
    for field in drawn:
        assert [option["value"] for option in field.get("options", [])] == properties[field["name"]].get(
            "enum", []
        )


@every_procedure
def test_on_any_day_one_online_fee_is_in_force_and_none_is_left_out(procedure: Procedure) -> None:
    online = sorted(
        (fee.valid_from or date.min, fee.valid_to or date.max)
        for fee in procedure.fees
        if fee.channel == "online"
    )
    assert online[-1][1] == date.max
    for (_, ends), (begins, _) in pairwise(online):
        assert begins == ends + timedelta(days=1)


def test_the_lists_that_forms_share_are_complete() -> None:
    groups = files.named_options(BIRTH, "ethnic-groups")
    assert [group["value"] for group in groups] == [f"{n:02d}" for n in range(1, 55)]
    assert (groups[0]["vi"], groups[7]["vi"], groups[53]["vi"]) == ("Kinh", "H'Mông", "Ơ Đu")
    assert len(files.provinces()) == 34
    names = {province["vi"]: province["en"] for province in files.provinces()}
    assert names["Thành phố Hồ Chí Minh"] == "Ho Chi Minh City"
    assert names["Đắk Lắk"] == "Dak Lak"


def test_facts_that_the_law_sets_are_as_the_law_sets_them() -> None:
    def online(code: str) -> tuple[int, str, int]:
        (limit,) = (each for each in PROCEDURES[code].time_limits if each.channel == "online")
        today = date(2026, 11, 23)
        (fee,) = (
            each.amount
            for each in PROCEDURES[code].fees
            if each.channel == "online" and (each.valid_from or today) <= today <= (each.valid_to or today)
        )
        return limit.amount, limit.unit, fee

    assert online("1.001193") == (0, "same-day", 0)
    assert online("3.000347") == (5, "working-days", 135_000)
    assert online("3.000001") == (7, "working-days", 0)
    assert online("3.000002") == (7, "working-days", 0)
    assert online("1.000665")[:2] == (6, "working-hours")
    assert online("3.000333")[:2] == (10, "calendar-days")
    assert online("1.004222") == (7, "working-days", 10_000)
    assert online("1.004194") == (3, "working-days", 7_000)
    assert online("1.004873")[:2] == (3, "working-days")
    assert online("1.001456") == (8, "working-days", 200_000)
    assert online("1.014063") == (7, "working-days", 50_000)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('widget = "text"', 'widget = "txt"', "Invalid enum value 'txt' - at `$.steps[0].fields[0].widget`"),
        ('en = "Child\'s full name"', 'en = " "', "Empty text - at `$.steps[0].fields[0].label.en`"),
        (', en = "Child\'s full name"', "", "missing required field `en` - at `$.steps[0].fields[0].label`"),
        ("max_length = 60", "max_lenght = 60", "Unknown key `max_lenght` - at `$.steps[0].fields[0]`"),
        ('name = "child_name"', 'name = "Child"', "field name 'Child' is not lower_snake_case"),
        ('name = "child_sex"', 'name = "child_name"', "field name used twice: child_name"),
        ('id = "parents"', 'id = "child"', "step id used twice: child"),
        ("max_length = 60", "minimum = 1", "only number and money have minimum"),
        ("maximum = 10", "maximum = -1", "needs minimum and maximum, in that order"),
        ("max_length = 60", 'options = "provinces"', "only select and radio have options"),
        ('options = "provinces"', 'options = "planets"', "there is no option list 'planets'"),
        ('value = "female"', 'value = "male"', "two options have one value"),
        ('values = ["facility"]', 'values = ["moon"]', "birth_place_kind can never be 'moon'"),
        ('values = ["facility"]', "values = []", "`when` names no values"),
        (
            'field = "birth_place_kind", values = ["facility"]',
            'field = "copies", values = ["1"]',
            "which no earlier",
        ),
        (
            'when = { field = "birth_proof", values = ["hospital"] }',
            'when = { field = "birth_proof" }',
            "birth-proof",
        ),
        ('id = "witness-statement"', 'id = "birth-proof"', "document id used twice: birth-proof"),
        ('code = "1.001193"', 'code = "1001193"', "is not like 1.001193"),
        ('agencies = ["H01"', 'agencies = ["Hanoi"', "agency code 'Hanoi'"),
        ('events = ["co-con-nho"]', 'events = ["birthday"]', "there is none called birthday"),
        ('audience = ["citizen"]', 'audience = ["citizen", "business"]', "events are for ['citizen']"),
        ("amount = 0", "amount = -1", "the amount is negative"),
        ('unit = "same-day"', 'unit = "working-days"', "same-day has amount 0"),
        ('channel = "online"\nunit', 'channel = "post"\nunit', "exactly one online"),
        ('begins_with = ["applicant"]', 'begins_with = ["nobody"]', "there is no shared step 'nobody'"),
        ("begins_with", "begin_with", "Unknown key `begin_with`"),
        ("code =", "code", "Expected '='"),
    ],
)
def test_a_faulty_file_is_refused_with_file_and_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    content = BIRTH.read_text(encoding="utf-8")
    assert old in content
    path = tmp_path / "wrong.toml"
    path.write_text(content.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(files.FaultyFile) as fault:
        files.read_any(path)
    assert str(fault.value).startswith("wrong.toml: ")
    assert said in str(fault.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "missing required field"),
        ("steps = 3", "wrong.toml: "),
        ("begins_with = 3", "wrong.toml: "),
        ("steps = [1]", "wrong.toml: "),
        ("[[steps]]\nfields = 1", "wrong.toml: "),
        ("agencies = 3", "Expected `array`"),
        ("agencies = [3]", "Expected `object`"),
        ("year = 2026\ndays = 3", "Expected `array`"),
        (
            'year = 2026\n[[days]]\nday = 2027-01-01\nworked = false\nreason = {vi = "a", en = "b"}',
            "is not in 2026",
        ),
        ("\xff", "wrong.toml: "),
    ],
)
def test_a_file_of_another_shape_is_refused_and_never_a_crash(
    tmp_path: Path, content: str, said: str
) -> None:
    path = tmp_path / "wrong.toml"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(files.FaultyFile, match=r"^wrong\.toml: ") as fault:
        files.read_any(path)
    assert said in str(fault.value)


def test_steps_are_pages_that_each_ask_something() -> None:
    for procedure in PROCEDURES.values():
        steps: tuple[Step, ...] = procedure.all_steps
        assert all(step.fields for step in steps)
