from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.testing import ServiceUnderTest
from services.dossier.adapters.ports import DossierPorts
from services.dossier.adapters.storage import Folder
from tests.dossier.builders import MONDAY, A, B, Desk, Person, agency, procedure

MOST_BYTES = 64 * 1024


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "files"


@pytest.fixture
def sut(postgres_url: str, folder: Path) -> Iterator[ServiceUnderTest]:
    """The dossier service on Monday at nine, knowing two agencies and one procedure."""
    ports = DossierPorts(Folder(folder, MOST_BYTES), most_files=3)
    with ServiceUnderTest.started("dossier", postgres_url, ports=ports, at=MONDAY) as started:
        for code in (A, B):
            started.hear(agency(code))
        started.hear(procedure())
        yield started


@pytest.fixture
def an(sut: ServiceUnderTest) -> Person:
    """A citizen."""
    return Person.new(sut)


@pytest.fixture
def desk(sut: ServiceUnderTest) -> Desk:
    """An official of agency A."""
    return Desk(sut, sut.as_official(A))


@pytest.fixture
def other_desk(sut: ServiceUnderTest) -> Desk:
    """An official of agency B."""
    return Desk(sut, sut.as_official(B))
