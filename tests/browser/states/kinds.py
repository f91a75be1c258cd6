from collections.abc import Callable, Iterator, Mapping

from tests.browser.stage import Stage

State = Callable[[Stage], Iterator[str]]
States = Mapping[str, State]


def shown(**paths: tuple[str, str]) -> State:
    """Pages to be looked at as they open: what they show -> (who opens them, path)."""

    def states(stage: Stage) -> Iterator[str]:
        for what, (who, path) in paths.items():
            stage.open(who, path)
            yield what

    return states


def anybody(path: str) -> State:
    return shown(plain=("anybody", path))
