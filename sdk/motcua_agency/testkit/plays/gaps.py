"""A position that never comes: the only sign of a loss."""

from motcua_agency.testkit.plays.looking import code, look, look_at_order
from motcua_agency.testkit.stage import Stage


def gap(stage: Stage) -> None:
    """A position is lost while the program runs."""
    stage.program.start()
    told = [stage.tell("submitted", code(stage, number), 1) for number in (1, 2)]
    _lose_and_look(stage, "while it ran")
    look_at_order(stage, told)


def gap_across_a_restart(stage: Stage) -> None:
    """A position is lost while the program is down."""
    stage.program.start()
    told = [stage.tell("submitted", code(stage, number), 1) for number in (1, 2)]
    stage.until_applied(told)
    stage.settle()
    stage.program.kill()
    stage.program.start()
    _lose_and_look(stage, "while it was down")


def _lose_and_look(stage: Stage, when: str) -> None:
    lost = stage.portal.lose_a_position()
    after = stage.tell("submitted", code(stage, 3), 1)
    if not stage.until_applied([after]):
        look(stage, [after])
        return
    stage.until(lambda: stage.ledger.lines("gap"), within=1.0)
    reported = stage.ledger.lines("gap")
    if f"{lost} {lost}" not in reported:
        evidence = f"position {lost} was lost {when}; no line `gap {lost} {lost}` is in the ledger"
        stage.fault("misses-a-gap", evidence)
    if wrong := [line for line in reported if line != f"{lost} {lost}"]:
        stage.fault("reports-a-gap-that-is-none", f"`gap {wrong[0]}` is in the ledger")
