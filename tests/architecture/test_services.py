"""Whoever knows one service knows all: the same names, and nothing of each other's."""

import ast
import re
from pathlib import Path

import pytest

from chassis import service as manifests
from tests.architecture.source import SERVICES, files, named, tree

NAMES = {
    *("__init__", "model", "commands", "reactions", "queries", "tables", "schemas", "routes", "timers"),
    *("adapters", "data", "service", "migrations", "cli"),
}
ALWAYS = ("README.md", "model", "tables", "service", "migrations")
each_service = pytest.mark.parametrize("folder", SERVICES, ids=lambda path: path.name)


@each_service
def test_a_service_has_the_files_of_every_service_and_no_others(folder: Path) -> None:
    found = {path.stem for path in folder.iterdir() if path.name not in {"README.md", "__pycache__"}}
    assert found <= NAMES, f"not a name of the house: {found - NAMES}"
    for name in ALWAYS:
        assert (folder / name).exists() or (folder / f"{name}.py").exists(), f"{name} is missing"


@each_service
def test_a_readme_says_what_the_service_announces_hears_and_owns(folder: Path) -> None:
    text = (folder / "README.md").read_text().lower()
    for word in ("announces", "hears", "owns"):
        assert word in text, word


def test_every_service_is_installed_under_the_name_of_its_folder() -> None:
    assert manifests.names() == [folder.name for folder in SERVICES]
    for name in manifests.names():
        assert manifests.load(name).name == name


@each_service
def test_no_service_reads_the_settings_or_the_database_of_another(folder: Path) -> None:
    others = "|".join(other.name.upper() for other in SERVICES if other != folder)
    private = re.compile(rf"({others})_(DATABASE_URL|MASTER_KEYS|INDEX_KEY)")
    for path in files(f"services/{folder.name}"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not private.search(node.value), f"{named(path)}: {node.value}"


@each_service
def test_a_table_belongs_to_one_service_and_points_at_no_other(folder: Path) -> None:
    metadata = manifests.load(folder.name).metadata
    for table in metadata.tables.values():
        for key in table.foreign_keys:
            assert key.target_fullname.split(".")[0] in metadata.tables


@each_service
def test_environment_is_read_where_a_service_starts_and_nowhere_deeper(folder: Path) -> None:
    for part in ("model", "commands", "queries", "schemas", "reactions", "tables"):
        for path in [*folder.glob(f"{part}.py"), *folder.glob(f"{part}/**/*.py")]:
            text = path.read_text()
            assert "os.environ" not in text, named(path)
            assert "getenv" not in text, named(path)
