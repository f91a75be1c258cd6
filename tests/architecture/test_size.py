"""What a reader can hold in mind at once."""

import ast
from pathlib import Path

import pytest

from tests.architecture.source import files, named, tree

LINES_OF_A_FILE = 250
LINES_OF_A_FUNCTION = 40


@pytest.mark.parametrize("path", files(), ids=named)
def test_a_file_that_grows_becomes_a_package(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LINES_OF_A_FILE


@pytest.mark.parametrize("path", files(), ids=named)
def test_a_function_fits_on_a_screen(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= LINES_OF_A_FUNCTION, f"{node.name} has {lines} lines"
