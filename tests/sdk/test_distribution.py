"""What an agency installs: alone, with pika and urllib3, and nothing of the portal."""

import sys
import tomllib
from pathlib import Path

import pytest

from tests import wheels
from tests.architecture.source import ROOT, files, imported, named
from tests.wheels import Bare

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


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Bare:
    """Where the wheel is, and pika and urllib3."""
    folder = tmp_path_factory.mktemp("sdk")
    return Bare.made(folder / "bare", wheels.build(SDK, folder), lent=("pika", "urllib3"))


def test_the_wheel_works_alone(installed: Bare) -> None:
    done = installed.run("python", "-c", PROGRAM)
    assert done.returncode == 0, done.stderr
    assert str(installed.site) in done.stdout


def test_its_types_come_with_it(installed: Bare) -> None:
    assert (installed.site / "motcua_agency" / "py.typed").exists()


def test_its_command_says_what_it_can_do(installed: Bare) -> None:
    assert "testkit" in installed.run("motcua-agency", "--help").stdout
    shown = installed.run("motcua-agency", "testkit", "--help")
    assert shown.returncode == 0
    assert "--amqp-url" in shown.stdout
