"""What each lock file is for: all of that is in it, and nothing else."""

from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.locked import needed, pins, project
from tests.architecture.source import ROOT, files, imported

PORTAL = project(ROOT)
PRODUCTION = PORTAL["project"]["dependencies"]
SANDBOX = project(ROOT / "sdk")["project"]["dependencies"]
BUILD = PORTAL["dependency-groups"]["build"]
EXTRAS = PORTAL["project"]["optional-dependencies"]
TRIAL = [*PRODUCTION, *SANDBOX, *BUILD, *EXTRAS["trial"]]
FOR = {
    "requirements.lock": PRODUCTION,
    "requirements-sandbox.lock": SANDBOX,
    "requirements-build.lock": BUILD,
    "requirements-trial.lock": TRIAL,
    "requirements-dev.lock": [*TRIAL, *EXTRAS["dev"]],
}
NOT_IMPORTED_BY_NAME = {"tzdata"}  # zoneinfo reads it where the system has no time zones


def test_every_lock_is_for_something() -> None:
    assert {path.name for path in ROOT.glob("*.lock")} == set(FOR)


@pytest.mark.parametrize("lock", FOR)
def test_a_lock_holds_all_of_what_it_is_for_and_nothing_else(lock: str) -> None:
    assert set(pins(lock)) == needed(*FOR[lock])


@pytest.mark.parametrize("lock", FOR)
def test_the_locks_agree_on_every_version(lock: str) -> None:
    everything = pins("requirements-dev.lock")
    assert pins(lock).items() <= everything.items()


def test_building_needs_what_each_project_says_builds_it() -> None:
    for folder in (ROOT, ROOT / "sdk", ROOT / "sandbox"):
        assert set(project(folder)["build-system"]["requires"]) <= set(BUILD)


def test_the_sandbox_takes_what_the_portal_and_the_sdk_bring() -> None:
    """Our own distributions are in no index, so a lock cannot be made of a project that needs them."""
    assert project(ROOT / "sandbox")["project"]["dependencies"] == ["motcua", "motcua-agency"]


def test_production_installs_only_what_it_imports() -> None:
    roots = {
        name.split(".")[0]
        for path in files("vocabulary", "contracts", "chassis", "services", "gateway")
        for name in imported(path)
    }
    used = {canonicalize_name(name) for root in roots for name in packages_distributions().get(root, [])}
    direct = {canonicalize_name(Requirement(line).name) for line in PRODUCTION}
    assert direct - used == NOT_IMPORTED_BY_NAME
