"""A dossier as the agency's desk shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class File:
    """A paper: `document` is which one the procedure asks for, `name` what the applicant called it."""

    id: str
    document: str
    name: str
    media_type: str
    size: int
    sha256: str
    scan: str

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "File":
        return cls(**{name: told[name] for name in cls.__dataclass_fields__})


@dataclass(frozen=True)
class Dossier:
    """`version` is what a decision is made on; `actions` are the decisions possible now.

    `data` has all that the portal said, fields this package does not know too.
    """

    code: str
    status: int
    version: int
    actions: Sequence[str]
    files: Sequence[File]
    form: Mapping[str, Any]
    data: Mapping[str, Any]

    def file(self, id: str) -> File:
        """LookupError when the dossier has none of that id."""
        found = next((file for file in self.files if file.id == id), None)
        if found is None:
            raise LookupError(f"{self.code} has no file {id}")
        return found

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Dossier":
        return cls(
            code=told["code"],
            status=told["status"],
            version=told["version"],
            actions=told.get("actions", []),
            files=[File.of(file) for file in told.get("files", [])],
            form=told.get("form", {}),
            data=told,
        )
