"""The papers attached to a dossier: what is asked for, what is there, how a file is called."""

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from contracts.catalog import Document
from vocabulary.refusals import Fault
from vocabulary.text import Text

Scan = Literal["pending", "clean", "infected", "unscanned"]
LONGEST_NAME = 120


@dataclass(eq=False)
class File:
    """A stored file. `stored_as` is its random name in storage.

    `name` is what the applicant called it, protected: people write names and numbers into it.
    """

    id: UUID
    dossier_id: UUID
    document: str
    name: bytes
    media_type: str
    size: int
    sha256: str
    stored_as: str
    scan: Scan
    added_at: datetime


def tidy_file_name(name: str, suffix: str) -> str:
    """The name without folders, control or direction marks, in composed letters, and with its true suffix."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(c for c in last if unicodedata.category(c)[0] != "C" and c not in '<>:"|?*')
    stem = " ".join(visible.split()).strip(". ")
    endings = (".jpg", ".jpeg") if suffix == ".jpg" else (suffix,)
    for ending in endings:
        if stem.casefold().endswith(ending):
            stem = stem[: -len(ending)]
            break
    return (stem[: LONGEST_NAME - len(suffix)].strip(". ") or "tep") + suffix


def is_asked_for(document: Document, answers: Mapping[str, Any]) -> bool:
    """Whether this case needs the paper; one without a condition always counts."""
    if document.when is None:
        return True
    answer: Any = answers.get(document.when["field"])
    return answer is not None and answer in document.when["values"]


def missing_papers(
    documents: Iterable[Document], attached: Collection[str], answers: Mapping[str, Any]
) -> Iterator[Fault]:
    """One fault for each required paper of this case without a file; `attached` are document ids."""
    for document in documents:
        if document.required and document.id not in attached and is_asked_for(document, answers):
            yield Fault(
                f"/documents/{document.id}",
                "document-missing",
                Text(f"Chưa đính kèm: {document.name.vi}.", f"Not attached yet: {document.name.en}."),
            )
