"""The broker has no disk space. The really full disk needs root to mount a small one: `make resilience`."""

from tests.conftest import Say
from tests.resilience.disks import disk_alarm
from tests.resilience.servers import Ground

UNTIL_READINESS_SAYS_WHY = 14


def test_under_its_disk_alarm_work_is_taken_on_readiness_names_it_and_nothing_is_lost(
    servers_of_its_own: Ground, say: Say
) -> None:
    outcome = disk_alarm(servers_of_its_own, 3, UNTIL_READINESS_SAYS_WHY, rate=25)
    say(f"the broker's disk alarm for 14 s: {outcome.verdict}; {dict(outcome.notes)}")
    say("a disk that is really full: not here, it needs root to mount a small one; make resilience does it")
    assert outcome.verdict.is_clean, outcome.verdict
    assert outcome.notes["committed meanwhile"] > 25
    assert outcome.notes["applied meanwhile"] == 0, "the alarm was not on"
    assert outcome.notes["readiness"] == "degraded"
    assert "disk" in str(outcome.notes["why"])
