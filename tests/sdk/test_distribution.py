"""What an agency installs: alone, with pika and urllib3, and nothing of the portal."""

import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, files, imported, named

ALLOWED = {"motcua_agency", "pika", "urllib3"}
SDK = ROOT / "sdk"
PROGRAM = """
import sys
import motcua_agency, motcua_agency.webhook, motcua_agency.testkit
ours = {"vocabulary", "contracts", "chassis", "services", "gateway", "sandbox"}
assert not ours & {name.split(".")[0] for name in sys.modules}
print(motcua_agency.__file__)
"""


@pytest.mark.parametrize("path", files("sdk/motcua_agency"), ids=named)
def test_it_imports_the_standard_library_pika_urllib3_and_itself(path: Path) -> None:
    for module in imported(path):
        root = module.split(".")[0]
        assert root in ALLOWED or root in sys.stdlib_module_names, module


def test_it_requires_pika_and_urllib3_and_nothing_else() -> None:
    project = tomllib.loads((SDK / "pyproject.toml").read_text())["project"]
    assert [line.split(">=")[0] for line in project["dependencies"]] == ["pika", "urllib3"]
    whole = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(project["dependencies"]) <= set(whole["dependencies"])


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of a bare environment into which the wheel was installed; pika and urllib3 are lent to it."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    build = ["wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(folder), str(SDK)]
    subprocess.run([*pip, *build], check=True)
    (wheel,) = folder.glob("motcua_agency-*.whl")
    venv.create(folder / "bare", with_pip=False)
    python = folder / "bare" / "bin" / "python"
    subprocess.run([*pip, "--python", str(python), "install", "--no-deps", "--no-index", wheel], check=True)
    site = next((folder / "bare" / "lib").glob("python*/site-packages"))
    for lent in ("pika", "urllib3"):
        module = __import__(lent)
        (site / lent).symlink_to(Path(module.__file__ or "").parent)
    return python.parent


def run(command: list[str | Path]) -> subprocess.CompletedProcess[str]:
    # -I and another folder: nothing of the repository is in reach.
    return subprocess.run(command, cwd="/", capture_output=True, text=True, check=False, timeout=60)


def test_the_wheel_works_alone(installed: Path) -> None:
    done = run([installed / "python", "-I", "-c", PROGRAM])
    assert done.returncode == 0, done.stderr
    assert str(installed.parent) in done.stdout


def test_its_types_come_with_it(installed: Path) -> None:
    site = next((installed.parent / "lib").glob("python*/site-packages"))
    assert (site / "motcua_agency" / "py.typed").exists()


def test_its_command_says_what_it_can_do(installed: Path) -> None:
    assert "testkit" in run([installed / "motcua-agency", "--help"]).stdout
    shown = run([installed / "motcua-agency", "testkit", "--help"])
    assert shown.returncode == 0
    assert "--amqp-url" in shown.stdout
