"""An event is declared once, announced by one service, and heard only where somebody announces it."""

import importlib
import inspect
import re

import pytest

from chassis import service as manifests
from contracts.event import Event
from services.notify.reactions import append_to_agency_log
from tests.architecture.source import files

FROM_OUTSIDE = "/agencies"
TYPE = re.compile(r"motcua\.[a-z]+\.[a-z]+(-[a-z]+)*\.v\d+")


def declared() -> list[type[Event]]:
    """All event classes of contracts that can be sent: those with a type."""
    found: set[type[Event]] = set()
    for path in files("contracts"):
        module = importlib.import_module(f"contracts.{path.stem}")
        classes = [value for _, value in inspect.getmembers(module, inspect.isclass)]
        found |= {c for c in classes if issubclass(c, Event) and hasattr(c, "type")}
    return sorted(found, key=lambda event: event.type)


def announced() -> list[type[Event]]:
    return [event for name in manifests.names() for event in manifests.load(name).announces]


def test_every_announced_event_is_in_contracts_and_every_contract_is_announced_once() -> None:
    ours = [event for event in declared() if event.source != FROM_OUTSIDE]
    assert sorted(announced(), key=lambda event: event.type) == ours


def test_an_event_is_announced_by_the_service_that_is_its_source() -> None:
    for name in manifests.names():
        for event in manifests.load(name).announces:
            assert event.source == f"/services/{name}", event.type


def test_every_heard_event_has_an_announcer() -> None:
    for name in manifests.names():
        for event in manifests.load(name).reactions:
            assert event in announced(), f"{name} waits for {event.type}, which nobody says"


def test_every_announced_event_is_heard_by_somebody() -> None:
    """An event that reaches no queue is returned by the broker, and its relay stops at it."""
    heard = {event for name in manifests.names() for event in manifests.load(name).reactions}
    assert set(announced()) <= heard


def test_what_comes_from_outside_has_one_door_and_nothing_else_has() -> None:
    through = [door.event for name in manifests.names() for door in manifests.load(name).doors]
    outside = [event for event in declared() if event.source == FROM_OUTSIDE]
    assert sorted(through, key=lambda event: event.type) == outside


def test_an_event_that_concerns_one_agency_is_put_in_its_log_and_no_other_is() -> None:
    heard = manifests.load("notify").reactions
    logged = {event for event, reactions in heard.items() if append_to_agency_log in reactions}
    assert logged == {event for event in announced() if "agency" in event.__struct_fields__}


@pytest.mark.parametrize("event", declared(), ids=lambda event: event.type)
def test_an_event_says_in_its_own_words_what_happened(event: type[Event]) -> None:
    own = vars(event).get("__doc__")
    assert (own or "").strip(), "a docstring of its own, not of the class above it"


def kinds_of_snapshot() -> list[tuple[str, type[Event]]]:
    return [(name, kind.event) for name in manifests.names() for kind in manifests.load(name).snapshots]


def test_every_snapshot_is_made_of_some_aggregate_and_announced_by_its_service() -> None:
    made = {event for name, event in kinds_of_snapshot() if event in manifests.load(name).announces}
    assert made == {event for event in declared() if "snapshot" in event.type}
    assert len(made) == len(kinds_of_snapshot())


def test_who_hears_what_was_published_reacts_to_its_snapshot_just_so() -> None:
    for _, snapshot in kinds_of_snapshot():
        for name in manifests.names():
            heard = manifests.load(name).reactions
            for original in set(snapshot.__mro__) & set(announced()) - {snapshot}:
                assert heard.get(snapshot) == heard.get(original), f"{name}: {snapshot.type}"


def test_nothing_that_is_blanked_or_expires_is_published_again() -> None:
    for _, snapshot in kinds_of_snapshot():
        assert not snapshot.blanked_once_sent
        assert "expires_at" not in snapshot.__struct_fields__


@pytest.mark.parametrize("event", declared(), ids=lambda event: event.type)
def test_an_event_type_says_who_did_what_in_which_version(event: type[Event]) -> None:
    assert TYPE.fullmatch(event.type)
    assert [other.type for other in declared()].count(event.type) == 1


@pytest.mark.parametrize("event", declared(), ids=lambda event: event.type)
def test_an_event_names_no_personal_datum_in_clear(event: type[Event]) -> None:
    for field in inspect.signature(event).parameters.values():
        personal = re.search(
            r"phone|email|full_name|id_number|birth|password|address|contact|profile", field.name
        )
        assert not personal or "Sealed" in str(field.annotation), field.name
