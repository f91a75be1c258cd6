"""What several plays look for once they are over."""

from collections.abc import Sequence

from motcua_agency.testkit.portal import Told
from motcua_agency.testkit.stage import Stage

LIFE = ("submitted", "accepted", "forwarded", "finished")


def code(stage: Stage, number: int) -> str:
    return f"{stage.portal.agency}-261122-{number:04d}"


def lives(stage: Stage, dossiers: int, events: int = len(LIFE)) -> list[Told]:
    """The first events in the lives of some dossiers, one dossier's between the others'."""
    return [
        stage.tell(LIFE[step], code(stage, number), step + 1)
        for step in range(events)
        for number in range(1, dossiers + 1)
    ]


def look(stage: Stage, told: Sequence[Told], twice: str = "applies-twice") -> None:
    """All applied, once, in the order of each dossier, and no gap reported."""
    missing = stage.missing(told)
    if missing:
        _name_the_missing(stage, told, missing)
    if again := [one for one in told if stage.ledger.applied.count(one.id) > 1]:
        stage.fault(twice, f"event {again[0].id} (position {again[0].position}) is in the ledger twice")
    if stage.ledger.lines("gap") and not missing:
        reported = stage.ledger.lines("gap")[0]
        stage.fault("reports-a-gap-that-is-none", f"`gap {reported}` is in the ledger")
    look_at_order(stage, told)


def look_at_order(stage: Stage, told: Sequence[Told]) -> None:
    by_id = {one.id: one for one in told}
    newest: dict[str, Told] = {}
    for id in dict.fromkeys(stage.ledger.applied):
        if id not in by_id:
            continue
        one, before = by_id[id], newest.get(by_id[id].subject)
        if before and before.position > one.position:
            evidence = f"{one.subject}: position {before.position} was applied before {one.position}"
            stage.fault("out-of-order", evidence)
            return
        newest[one.subject] = one


def _name_the_missing(stage: Stage, told: Sequence[Told], missing: Sequence[Told]) -> None:
    applied = set(stage.ledger.applied)
    evidence = f"{len(missing)} of {len(told)} events are not in the ledger, the first is {missing[0].id}"
    if not applied:
        stage.fault("does-not-consume", f"{evidence}; {stage.how_it_is()}")
    elif len({one.subject for one in told if one.id in applied}) == len(applied & {one.id for one in told}):
        repeated = next((one for one in missing if _had_one(told, applied, one)), missing[0])
        stage.fault("deduplicates-by-dossier", f"only the first event of {repeated.subject} was applied")
    else:
        stage.fault("loses-events", f"{evidence}; {stage.how_it_is()}")


def _had_one(told: Sequence[Told], applied: set[str], missing: Told) -> bool:
    return any(one.subject == missing.subject and one.id in applied for one in told)
