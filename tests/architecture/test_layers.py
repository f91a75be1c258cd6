import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, files, imported, named

OUTSIDE_WORDS = {"stdnum", "phonenumbers", "holidays", "msgspec"}


def is_standard(module: str) -> bool:
    return module.split(".", maxsplit=1)[0] in sys.stdlib_module_names


def test_the_import_contracts_hold() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("path", files("vocabulary", "contracts"), ids=named)
def test_the_shared_language_needs_the_standard_library_and_little_more(path: Path) -> None:
    for module in imported(path):
        root = module.split(".")[0]
        assert is_standard(module) or root in {"vocabulary", "contracts"} | OUTSIDE_WORDS, module


MODELS = [path for path in files("services") if path.name == "model.py" or "model" in path.parts]


@pytest.mark.parametrize("path", MODELS, ids=named)
def test_a_model_imports_the_standard_library_contracts_vocabulary_and_itself(path: Path) -> None:
    service = path.relative_to(ROOT / "services").parts[0]
    allowed = ("contracts.", "vocabulary.", f"services.{service}.model.")
    for module in imported(path):
        assert is_standard(module) or f"{module}.".startswith(allowed), module


@pytest.mark.parametrize("path", MODELS, ids=named)
def test_a_model_has_no_clock_of_its_own(path: Path) -> None:
    text = path.read_text()
    for call in ("datetime.now(", "utcnow(", "date.today(", "time.time(", "os.environ"):
        assert call not in text, call


def test_nothing_imports_the_sandbox() -> None:
    for path in files("vocabulary", "contracts", "chassis", "services", "gateway"):
        assert not [name for name in imported(path) if name.split(".")[0] == "sandbox"], named(path)
