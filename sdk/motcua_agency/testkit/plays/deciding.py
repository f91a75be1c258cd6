"""Decisions: lost on the way, confirmed too late, rejected."""

from motcua_agency.testkit.plays.looking import code
from motcua_agency.testkit.portal import Told
from motcua_agency.testkit.proxy import Action, Spoken
from motcua_agency.testkit.stage import Stage

VERSION = 7


def decided(stage: Stage) -> None:
    """A submitted dossier is decided, the decision is applied."""
    stage.program.start()
    if not _came(stage, _submit(stage)):
        return
    for taken in stage.portal.taken:
        if taken.user_id is None:
            stage.fault("no-user-id", f"decision {taken.decision_id} came without user_id")
        if taken.expected_version != VERSION:
            evidence = f"{taken.expected_version}, and the event's version is {VERSION}"
            stage.fault("wrong-expected-version", f"decision {taken.decision_id} expects version {evidence}")
    id = stage.portal.taken[0].decision_id
    if not stage.until(lambda: id in stage.ledger.lines("decided")):
        stage.fault("overlooks-an-outcome", f"no line `decided {id}` is in the ledger")


def decision_lost(stage: Stage) -> None:
    """The line is cut while a decision is on its way: it never reaches the broker."""
    cut: list[Spoken] = []

    def swallow(spoken: Spoken) -> Action:
        if spoken.frame.name != "publish" or cut:
            return "pass"
        cut.append(spoken)
        return "cut"

    stage.proxy.rule = swallow
    stage.program.start()
    told = _submit(stage)
    if not stage.until(lambda: cut):
        _name_the_silence(stage, told)
    elif not stage.until(lambda: stage.portal.taken or stage.portal.unreadable):
        evidence = f"the line was cut at the decision on event {told.id}; it was never sent again"
        stage.fault("loses-a-decision", f"{evidence}; {stage.how_it_is()}")


def confirm_lost(stage: Stage) -> None:
    """The broker has the decision, but the line is cut before its confirm arrives."""
    cut: list[Spoken] = []

    def swallow(spoken: Spoken) -> Action:
        if spoken.from_consumer or spoken.frame.name != "ack" or cut:
            return "pass"
        cut.append(spoken)
        return "cut"

    stage.proxy.rule = swallow
    stage.program.start()
    if not _came(stage, _submit(stage)):
        return
    stage.until(lambda: len(stage.portal.taken) > 1)
    ids = list(dict.fromkeys(taken.decision_id for taken in stage.portal.taken))
    if len(ids) > 1:
        stage.fault("new-decision-id-on-retry", f"one event led to the decisions {ids[0]} and {ids[1]}")


def rejected(stage: Stage) -> None:
    """The portal rejects the decision."""
    stage.portal.answer = "rejected"
    stage.program.start()
    if not _came(stage, _submit(stage)):
        return
    id = stage.portal.taken[0].decision_id
    stage.until(lambda: id in stage.ledger.lines("refused") + stage.ledger.lines("decided"))
    if id in stage.ledger.lines("decided"):
        stage.fault(
            "takes-a-rejection-for-success", f"`decided {id}`, but it was rejected: changed-meanwhile"
        )
    elif id not in stage.ledger.lines("refused"):
        stage.fault("overlooks-a-rejection", f"no line `refused {id}` is in the ledger")


def _submit(stage: Stage) -> Told:
    return stage.tell("submitted", code(stage, 1), VERSION)


def _came(stage: Stage, told: Told) -> bool:
    """Whether a decision that can be read came; if not, why."""
    stage.until(lambda: stage.portal.taken or stage.portal.unreadable)
    if stage.portal.unreadable:
        stage.fault("unreadable-decision", stage.portal.unreadable[0])
    elif not stage.portal.taken:
        _name_the_silence(stage, told)
    return bool(stage.portal.taken)


def _name_the_silence(stage: Stage, told: Told) -> None:
    name = "does-not-consume" if stage.missing([told]) else "does-not-decide"
    stage.fault(name, f"no decision on event {told.id}; {stage.how_it_is()}")
