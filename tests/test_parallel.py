"""How tests are spread over processes, and that names and results come back as from one."""

from pathlib import Path

import pytest

from tests import parallel

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("test", "unit"),
    [
        ("tests/dossier/test_desk.py::test_a[x::y]", "tests/dossier/test_desk.py"),
        ("tests/browser/test_axe.py::test_a", "tests/browser/"),
        ("tests/browser/test_path.py::test_b", "tests/browser/"),
        ("tests/system/test_sdk.py::test_a", "tests/system/"),
        ("tests/test_servers.py::test_a", "tests/test_servers.py"),
    ],
)
def test_files_that_share_a_portal_go_together_and_others_alone(test: str, unit: str) -> None:
    assert parallel.unit_of(test) == unit


def test_what_takes_longest_is_first_and_exists() -> None:
    ranks = [
        parallel.rank(f"{path}::test_a") for path in (*parallel.LONGEST, "tests/vocabulary/test_people.py")
    ]
    assert ranks == sorted(set(ranks))
    assert all((ROOT / path).exists() for path in (*parallel.LONGEST, *parallel.TOGETHER))


def test_given_servers_are_for_one_process() -> None:
    assert parallel.processes({"TEST_DATABASE_URL": "postgresql://somewhere"}) == 0
    assert parallel.processes({"TEST_AMQP_URL": "amqp://somewhere"}) == 0
    assert 2 <= parallel.processes({}) <= parallel.MOST
