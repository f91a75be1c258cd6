from dataclasses import dataclass

from contracts.catalog import AgencyPublished, AgencyRef
from contracts.event import Name
from services.catalog.model.procedure import Level, check_agency_code


@dataclass(frozen=True)
class Agency:
    """An office that takes dossiers."""

    code: str
    name: Name
    level: Level

    def __post_init__(self) -> None:
        check_agency_code(self.code)

    @property
    def subject(self) -> str:
        return f"agency/{self.code}"

    def published(self) -> AgencyPublished:
        return AgencyPublished(code=self.code, name=self.name, level=self.level)

    def ref(self) -> AgencyRef:
        return AgencyRef(code=self.code, name=self.name)
