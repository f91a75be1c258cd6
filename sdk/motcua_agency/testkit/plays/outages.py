"""Cut lines, a killed program, a broker that is away."""

from collections.abc import Callable, Sequence

from motcua_agency.testkit.plays.looking import code, lives, look
from motcua_agency.testkit.portal import Told
from motcua_agency.testkit.proxy import Action, Spoken
from motcua_agency.testkit.stage import Stage

AWAY_SECONDS = 3.0


def cut_before_ack(stage: Stage) -> None:
    """The line is cut as the first acknowledgement is on its way: all that is open is delivered again."""
    _cut_and_look(stage, lambda said: "cut" if said.from_consumer and said.frame.name == "ack" else "pass")


def cut_mid_handler(stage: Stage) -> None:
    """The line is cut as soon as the first event has been delivered, while it is being handled."""
    _cut_and_look(stage, lambda said: "cut-after" if said.body and not said.from_consumer else "pass")


def killed(stage: Stage) -> None:
    """The program is killed between applying and acknowledging, and started again."""
    cut: list[Spoken] = []

    def hold_second_ack(spoken: Spoken) -> Action:
        if cut:
            return "cut"
        if spoken.from_consumer and spoken.frame.name == "ack" and len(stage.ledger.applied) > 1:
            cut.append(spoken)
            return "cut"
        return "pass"

    stage.proxy.rule = hold_second_ack
    stage.program.start()
    told = lives(stage, dossiers=2, events=2)
    stage.until(lambda: cut)
    stage.program.kill()
    stage.no_rule()
    stage.program.start()
    told.append(_last(stage))
    stage.until_applied(told)
    stage.settle()
    look(stage, told, twice="forgets-when-restarted")


def outage(stage: Stage) -> None:
    """The broker is away for some seconds; what happened meanwhile comes once it is back."""
    stage.program.start()
    before = lives(stage, dossiers=2, events=1)
    stage.until_applied(before)
    stage.proxy.refuse()
    told = before + lives(stage, dossiers=2, events=2)[2:]
    stage.until(lambda: False, within=AWAY_SECONDS)
    stage.proxy.accept()
    _look_after_reconnecting(stage, told)


def late_broker(stage: Stage) -> None:
    """The program is started while the broker is away."""
    stage.proxy.refuse()
    stage.program.start()
    told = lives(stage, dossiers=2, events=2)
    stage.until(lambda: False, within=AWAY_SECONDS)
    stage.proxy.accept()
    if stage.until_applied(told) or stage.proxy.lines_opened:
        look(stage, told)
    else:
        stage.fault("gives-up-at-start", f"the broker came after {AWAY_SECONDS:.0f} s; {stage.how_it_is()}")


def _cut_and_look(stage: Stage, when: Callable[[Spoken], Action]) -> None:
    cut: list[Spoken] = []

    def once(spoken: Spoken) -> Action:
        action: Action = "pass" if cut else when(spoken)
        if action != "pass":
            cut.append(spoken)
        return action

    told = lives(stage, dossiers=2, events=3)
    stage.proxy.rule = once
    stage.program.start()
    stage.until(lambda: cut)
    _look_after_reconnecting(stage, told)


def _look_after_reconnecting(stage: Stage, told: Sequence[Told]) -> None:
    before = stage.proxy.lines_opened
    told = [*told, _last(stage)]
    if not stage.until_applied(told) and stage.proxy.lines_opened == before:
        stage.fault("does-not-reconnect", f"no new connection came; {stage.how_it_is()}")
        return
    stage.settle()
    look(stage, told)


def _last(stage: Stage) -> Told:
    """Once this is applied, what was delivered again has been, too: it came before."""
    return stage.tell("submitted", code(stage, 9), 1)
