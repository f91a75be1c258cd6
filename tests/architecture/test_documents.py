"""Documents that can be checked are: commands, settings and links."""

import re
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest

from chassis.cli import main
from services.identity.model.rules import Rules
from tests.architecture.source import ROOT, files, named

READ_BY_A_CALL = re.compile(r"""(?:\btext|env\.\w+|environ\.get|_setting)\(\s*"([A-Z][A-Z0-9_]+)\"""")
READ_BY_A_SERVICE = re.compile(r"""f"\{\w+(?:\.upper\(\))?\}_([A-Z_]+)\"""")
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)")
OPERATING = (ROOT / "docs" / "operating.md").read_text()


def documents() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


def settings() -> set[str]:
    read = {name.upper() for name in (field.name for field in fields(Rules))}
    for path in files():
        text = path.read_text()
        read |= set(READ_BY_A_CALL.findall(text))
        read |= {
            f"<SERVICE>_{name}" for name in READ_BY_A_SERVICE.findall(text) if name not in {"URL", "FILE"}
        }
    return read


def test_every_setting_is_explained() -> None:
    assert len(settings()) > 40
    missing = {name for name in settings() if f"`{name}`" not in OPERATING}
    assert not missing, f"not in docs/operating.md: {sorted(missing)}"


def test_what_the_documents_say_to_make_can_be_made() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for path in documents():
        for target in re.findall(r"(?:^|`)make ([a-z-]+)", path.read_text(), re.MULTILINE):
            assert target in targets, f"{named(path)}: make {target}"


def test_what_the_documents_say_to_type_is_a_command() -> None:
    for path in documents():
        for command in re.findall(r"(?:^|`|bin/)motcua ([a-z-]+)", path.read_text(), re.MULTILINE):
            assert command in main.commands, f"{named(path)}: motcua {command}"


@pytest.mark.parametrize("path", documents(), ids=named)
def test_a_link_leads_somewhere(path: Path) -> None:
    for target in LINK.findall(path.read_text()):
        assert (path.parent / target).exists(), target


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "adr"
    listed = LINK.findall((folder / "README.md").read_text())
    assert listed == sorted(path.name for path in folder.glob("0*.md"))
