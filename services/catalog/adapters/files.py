"""The catalogue's TOML files, ours and an operator's. What is wrong is said with file and place."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from services.catalog.model.agency import Agency
from services.catalog.model.calendar import CalendarYear
from services.catalog.model.life_event import LifeEvent, check_events
from services.catalog.model.procedure import Procedure
from vocabulary.people import fold

DATA = Path(__file__).parent.parent / "data"
CITY = "Thành phố "
SHARED = ("begins_with", "ends_with")
T = TypeVar("T")
Publication = Agency | CalendarYear | Procedure


class FaultyFile(ValueError):
    """`<file>: <what is wrong> - at $.<place>`."""


def read_any(path: Path) -> list[Publication]:
    """An operator's file: agencies, one year's calendar, or one procedure. FaultyFile when it is none."""
    raw = read(path)
    if "agencies" in raw and "code" not in raw:
        return list(agencies_in(path, raw))
    return [convert(path, raw, CalendarYear) if "days" in raw else procedure_in(path, raw)]


def seed_agencies() -> list[Agency]:
    path = DATA / "agencies.toml"
    return list(agencies_in(path, read(path)))


def seed_calendars() -> list[CalendarYear]:
    return [convert(path, read(path), CalendarYear) for path in sorted((DATA / "calendar").glob("*.toml"))]


def seed_procedures() -> list[Procedure]:
    return [procedure_in(path, read(path)) for path in sorted((DATA / "procedures").glob("*.toml"))]


@cache
def life_events() -> Mapping[str, LifeEvent]:
    """By slug, in the order of the file."""
    path = DATA / "events.toml"
    found = convert_list(path, read(path).get("events", []), LifeEvent)
    return {event.slug: event for event in found}


def agencies_in(path: Path, raw: dict[str, Any]) -> Iterator[Agency]:
    yield from convert_list(path, raw["agencies"], Agency)


def procedure_in(path: Path, raw: dict[str, Any]) -> Procedure:
    expanded = filled_in(path, raw)
    procedure = convert(path, expanded, Procedure)
    try:
        check_events(procedure, dict(life_events()))
    except ValueError as error:
        raise FaultyFile(f"{path.name}: {error}") from error
    return procedure


def filled_in(path: Path, value: Any) -> Any:
    """With the steps and option lists that are only named. What has another shape is left to `convert`."""
    if isinstance(value, list):
        return [filled_in(path, one) for one in value]
    if not isinstance(value, dict):
        return value
    return {key: filled_in(path, named(path, key, one)) for key, one in value.items()}


def named(path: Path, key: str, value: Any) -> Any:
    if key == "options" and isinstance(value, str):
        return named_options(path, value)
    if key in SHARED and isinstance(value, list):
        return [shared_step(path, one) if isinstance(one, str) else one for one in value]
    return value


def shared_step(path: Path, name: str) -> dict[str, Any]:
    steps = shared_steps()
    if name not in steps:
        raise FaultyFile(f"{path.name}: there is no shared step {name!r}, only {', '.join(steps)}")
    return steps[name]


@cache
def shared_steps() -> dict[str, dict[str, Any]]:
    return {step["id"]: step for step in read(DATA / "shared-steps.toml")["steps"]}


def named_options(path: Path, name: str) -> list[dict[str, str]]:
    lists = option_lists()
    if name not in lists:
        raise FaultyFile(f"{path.name}: there is no option list {name!r}, only {', '.join(lists)}")
    return lists[name]


@cache
def option_lists() -> dict[str, list[dict[str, str]]]:
    """By name: `provinces`, and those of data/options."""
    files = sorted((DATA / "options").glob("*.toml"))
    return {"provinces": provinces()} | {file.stem: read(file)["options"] for file in files}


def provinces() -> list[dict[str, str]]:
    """The 34 since 1 July 2025, by their two-digit statistical code. English leaves the marks off."""
    # Here, not above: its 3,321 wards take a tenth of a second that only publishing needs.
    from vietnam_provinces import Province

    found = sorted(Province.iter_all(), key=lambda province: province.code.value)
    return [{"value": f"{p.code.value:02d}", "vi": p.name, "en": english_name(p.name)} for p in found]


def english_name(province: str) -> str:
    bare = fold(province.removeprefix(CITY)).title()
    return f"{bare} City" if province.startswith(CITY) else bare


def read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FaultyFile(f"{path.name}: {error}") from error


def convert(path: Path, raw: Any, kind: type[T]) -> T:
    """`raw` as a `kind`, with no key lost and no text empty."""
    try:
        found = msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        raise FaultyFile(f"{path.name}: {error}") from error
    for problem in problems(raw, msgspec.to_builtins(found), "$"):
        raise FaultyFile(f"{path.name}: {problem}")
    return found


def convert_list(path: Path, raw: Any, kind: type[T]) -> list[T]:
    if not isinstance(raw, list):
        raise FaultyFile(f"{path.name}: Expected `array`, got `{type(raw).__name__}`")
    return [convert(path, one, kind) for one in raw]


def problems(raw: Any, known: Any, place: str) -> Iterator[str]:
    """Keys that nobody reads (a misspelt `hint` would vanish) and texts with nothing in them."""
    if isinstance(raw, dict):
        for key, value in raw.items():
            if key not in known:
                yield f"Unknown key `{key}` - at `{place}`"
            else:
                yield from problems(value, known[key], f"{place}.{key}")
    elif isinstance(raw, list):
        for at, value in enumerate(raw):
            yield from problems(value, known[at], f"{place}[{at}]")
    elif isinstance(raw, str) and not raw.strip():
        yield f"Empty text - at `{place}`"
