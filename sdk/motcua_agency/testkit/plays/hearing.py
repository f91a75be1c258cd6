"""Golden events, repeats, and order."""

from motcua_agency.testkit.plays.looking import LIFE, code, lives, look, look_at_order
from motcua_agency.testkit.proxy import Action, Spoken
from motcua_agency.testkit.stage import Stage

BURST = 40
CUT_AFTER = 10


def golden(stage: Stage) -> None:
    """Three dossiers live through four events each; nothing goes wrong."""
    stage.program.start()
    told = lives(stage, dossiers=3)
    stage.until_applied(told)
    stage.settle()
    look(stage, told)


def duplicates(stage: Stage) -> None:
    """Every event comes twice at once, then all of history comes again, as a replay."""
    stage.program.start()
    told = []
    for number in (1, 2):
        for version, type in enumerate(LIFE, start=1):
            told.append(stage.tell(type, code(stage, number), version))
            stage.portal.repeat(told[-1])
    for one in tuple(told):
        stage.portal.repeat(one)
    told.append(stage.tell("submitted", code(stage, 3), 1))
    stage.until_applied(told)
    stage.settle()
    look(stage, told)


def order(stage: Stage) -> None:
    """Many events of two dossiers in a burst; the line is cut in the middle: what was open comes again."""
    acks: list[int] = []

    def cut_once(spoken: Spoken) -> Action:
        if spoken.from_consumer and spoken.frame.name == "ack":
            acks.append(1)
            return "cut" if len(acks) == CUT_AFTER else "pass"
        return "pass"

    told = [
        stage.tell(
            ("withdrawal-requested", "withdrawal-declined")[step % 2], code(stage, 1 + step % 4 // 2), step
        )
        for step in range(BURST)
    ]
    stage.proxy.rule = cut_once
    stage.program.start()
    stage.until_applied(told)
    stage.settle()
    look_at_order(stage, told)
