"""The bench programs run; what they measure is never asserted."""

import pytest

from tests.bench import backlog, consumer, latency, plans, relay, report
from tests.bench.bed import Bed
from tests.bench.figures import Line
from tests.chassis.conftest import virtual_host  # noqa: F401


@pytest.fixture
def bed(postgres_url: str, virtual_host: str) -> Bed:  # noqa: F811
    return Bed(postgres_url, virtual_host)


def test_each_measures_and_fills_its_lines(bed: Bed) -> None:
    lines = [
        *relay.measure(bed, events=40, rounds=1),
        *consumer.measure(bed, events=40, rounds=1),
        *latency.measure(bed, events=10),
        *backlog.measure(bed, events=400),
        *plans.measure(bed, rows=1000, rounds=2),
    ]
    assert len(lines) == 12
    assert all(line.ours for line in lines)


def test_the_table_is_written_between_its_marks(tmp_path, monkeypatch) -> None:
    document = tmp_path / "performance.md"
    document.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    monkeypatch.setattr(report, "DOCUMENT", document)
    report.write([Line("relay", "9/s", "10/s", "0.90", "≥ 0.8", True)], "On this machine.")
    text = document.read_text()
    assert text.startswith(f"before\n{report.BEGIN}\nOn this machine.\n")
    assert "| relay | 9/s  | 10/s      | 0.90  | ≥ 0.8  | yes |" in text
    assert text.endswith(f"{report.END}\nafter\n")
    assert "old" not in text
