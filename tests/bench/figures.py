"""Figures taken side by side: rounds in turn, medians, and a line of the table for each claim."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

Round = Callable[[], float]


@dataclass(frozen=True)
class Line:
    """A row of the table. `ok` is None where nothing is wanted."""

    what: str
    ours: str
    limit: str
    ratio: str
    wanted: str
    ok: bool | None

    @property
    def cells(self) -> tuple[str, ...]:
        verdict = {True: "yes", False: "NO", None: ""}[self.ok]
        return self.what, self.ours, self.limit, self.ratio, self.wanted, verdict


def in_turn(rounds: int, contenders: Mapping[str, Round]) -> dict[str, list[float]]:
    """A B A B ...: what drifts, drifts for all. The first time of each only warms up."""
    results: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name, run in contenders.items():
            figure = run()
            if number:
                results[name].append(figure)
    return results


def at_least(what: str, ours: Sequence[float], limit: Sequence[float], wanted: float | None) -> Line:
    """Rates a second; the ratio is the median of the rounds' own. `wanted` None: only shown."""
    ratios = [a / b for a, b in zip(ours, limit, strict=True)]
    ratio = f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    if wanted is None:
        return Line(what, rate(ours), rate(limit), ratio, "", None)
    return Line(what, rate(ours), rate(limit), ratio, f"≥ {wanted:g}", median(ratios) >= wanted)


def rate(figures: Sequence[float]) -> str:
    return f"{median(figures):,.0f}/s ({min(figures):,.0f} to {max(figures):,.0f})"


def milliseconds(seconds: Sequence[float]) -> str:
    """p50, p99 and the worst of n."""
    p99 = percentile(seconds, 99)
    worst = max(seconds) * 1000
    return f"p50 {median(seconds) * 1000:.1f}, p99 {p99 * 1000:.1f}, most {worst:.1f} ms of {len(seconds):,}"


def percentile(figures: Sequence[float], which: int) -> float:
    return quantiles(figures, n=100, method="inclusive")[which - 1]
