"""How the loops of this process find the broker, for its readiness. Of the process, as metrics are."""

_trouble: dict[str, str] = {}


def well(loop: str) -> None:
    _trouble.pop(loop, None)


def ill(loop: str, why: str) -> None:
    _trouble[loop] = why


def trouble() -> str | None:
    """What the first of the troubled loops said. None: none of them has any."""
    return next(iter(_trouble.values()), None)
