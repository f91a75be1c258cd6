"""Advisory locks share one space of numbers in each database: chassis' and the service's own."""

import ast

from tests.architecture.source import files, named, tree

OURS = range(7_200_000, 7_300_000)


def test_no_two_advisory_locks_have_the_same_number() -> None:
    seen: dict[int, str] = {}
    for path in files():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, int) and node.value in OURS:
                place = f"{named(path)}:{node.lineno}"
                assert node.value not in seen, f"{place} and {seen[node.value]} lock each other out"
                seen[node.value] = place
    assert len(seen) > 3
