"""What must not be in files that others read."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, files, named

REGISTRIES = re.compile(
    r"pypi\.org|pythonhosted|npmjs|registry\.|docker\.io|ghcr\.io|index-url|find-links|deb\.debian|https?://",
    re.IGNORECASE,
)
LOCKS = [*ROOT.glob("*.lock"), ROOT / "Makefile", ROOT / ".ci" / "run", ROOT / ".pre-commit-config.yaml"]
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|WIP|lorem ipsum)\b")
WORKSHOP = re.compile(
    r"/work/|BRIEF\.md|\bthe lead\b|\bassistant\b|\bchatbot\b|\blanguage model\b", re.IGNORECASE
)


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [
        path for path in paths if path.suffix in {".md", ".py", ".toml", ".html", ".js", ".css", ".yml", ""}
    ]


@pytest.mark.parametrize("path", LOCKS, ids=named)
def test_no_registry_is_named_where_things_are_installed(path: Path) -> None:
    options = re.compile(r"--no-emit-(index-url|find-links)")
    assert not REGISTRIES.search(options.sub("", path.read_text()))


@pytest.mark.parametrize("path", [*ROOT.glob("*.lock")], ids=named)
def test_every_locked_requirement_has_a_hash(path: Path) -> None:
    requirements = path.read_text().replace("\\\n", " ").splitlines()
    assert requirements
    for line in requirements:
        assert "--hash=sha256:" in line or not line.strip(), line


def test_nothing_is_left_unfinished_or_tells_of_the_workshop() -> None:
    for path in tracked():
        if path.is_relative_to(ROOT / "tests" / "architecture") or not path.exists():
            continue
        text = path.read_text(errors="ignore")
        assert not UNFINISHED.search(text), named(path)
        assert not WORKSHOP.search(text), named(path)


@pytest.mark.parametrize("path", files(), ids=named)
def test_every_exception_from_a_rule_has_its_reason_or_its_number(path: Path) -> None:
    for line in path.read_text().splitlines():
        if "noqa" in line or "type: ignore" in line:
            assert re.search(r"noqa: [A-Z]+\d+|type: ignore\[[a-z-]+", line), line
