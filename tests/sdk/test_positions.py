"""Which positions an office has: floors, holes, restored logs."""

import json
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motcua_agency import FileCursor, Gap, rewind
from motcua_agency.event import parse
from motcua_agency.positions import REMEMBERED, Positions
from tests.sdk.fake_portal import EVENTS

PLAIN = parse(EVENTS[0])


def event(position: int | None, id: str = ""):
    return replace(PLAIN, position=position, id=id or f"event {position:>12}")


def uuid7(milliseconds: int) -> str:
    return str(UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62 | uuid4().int & (1 << 62) - 1))


@given(st.lists(st.integers(1, 30)))
def test_every_position_is_had_once_it_was_taken_and_only_then(order: list[int]) -> None:
    positions = Positions()
    for index, at in enumerate(order):
        assert positions.has(event(at)) == (at in order[:index])
        positions.take(event(at))
        assert Positions.load(positions.dump()) == positions
    assert positions.highest == max(order, default=0)


@given(st.lists(st.integers(1, 12), unique=True), st.integers(0, 13))
def test_a_rewind_forgets_what_is_above_and_nothing_else(order: list[int], to: int) -> None:
    positions = Positions()
    for at in order:
        positions.take(event(at))
    positions.rewind(to)
    assert {at for at in range(1, 14) if positions.has(event(at))} == {at for at in order if at <= to}


def test_a_gap_is_what_lies_between_the_highest_and_the_next() -> None:
    positions = Positions()
    assert positions.gap_before(event(1)) is None
    assert positions.gap_before(event(4)) == Gap(1, 3)
    positions.take(event(4))
    assert positions.gap_before(event(2)) is None
    assert positions.gap_before(event(5)) is None
    assert positions.gap_before(event(7)) == Gap(5, 6)


def test_an_event_without_a_position_is_never_a_repeat_and_never_a_gap() -> None:
    positions = Positions()
    positions.take(event(None, "a"))
    assert not positions.has(event(None, "a"))
    assert positions.gap_before(event(None, "a")) is None


@pytest.mark.parametrize("behind", [1, REMEMBERED - 1, REMEMBERED + 1, 5 * REMEMBERED])
def test_a_log_restored_however_far_back_loses_nothing_new(behind: int) -> None:
    positions = Positions()
    ids = {at: uuid7(1_000_000 + at) for at in range(1, 6 * REMEMBERED)}
    for at, id in ids.items():
        positions.take(event(at, id))
    at = positions.highest - behind
    assert positions.has(event(at, ids[at]))
    reborn = event(at, uuid7(9_000_000))
    assert not positions.has(reborn)
    positions.take(reborn)
    assert positions.has(reborn)
    assert not positions.has(event(at + 1, uuid7(9_000_001)))
    assert positions.highest == at


@pytest.mark.parametrize("first", [1, 50_001])
def test_the_state_stays_small_also_behind_a_gap_that_never_closes(first: int) -> None:
    positions = Positions()
    for at in range(first, first + 5000):
        positions.take(event(at, uuid7(at)))
    assert positions.had == [[first, first + 4999]]
    assert len(positions.dump()) < 6000


def test_a_file_cursor_is_replaced_whole_and_can_be_rewound(tmp_path) -> None:
    cursor = FileCursor(tmp_path / "cursor")
    assert cursor.load() is None
    positions = Positions()
    for at in (1, 2, 3):
        positions.take(event(at))
    cursor.save(positions.dump())
    assert json.loads((tmp_path / "cursor").read_text())["had"] == [[1, 3]]
    rewind(cursor, to=2)
    assert Positions.load(cursor.load()).highest == 2
    assert [path.name for path in tmp_path.iterdir()] == ["cursor"]
