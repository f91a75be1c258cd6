"""Papers: attached to a draft, taken off again, read."""

from dataclasses import dataclass
from typing import BinaryIO
from uuid import UUID

from chassis.db import new_id
from chassis.unit_of_work import UnitOfWork
from services.dossier import queries
from services.dossier.adapters import content
from services.dossier.adapters.storage import Storage, Stored
from services.dossier.model.history import Whose
from services.dossier.model.papers import File, tidy_file_name
from vocabulary.refusals import Fault, Invalid
from vocabulary.text import Text


@dataclass(frozen=True)
class Upload:
    """What is stored already and waits for its dossier."""

    document: str
    name: str
    media_type: str
    stored: Stored


def check_place(uow: UnitOfWork, whose: Whose, key: str, document: str, most: int) -> None:
    """Refuse before anything is stored: not a draft of theirs, too many files, no such paper."""
    found = queries.own(uow, whose, key)
    found.check_room(most)
    if document not in {one.id for one in queries.procedure_of(uow, found).documents}:
        text = Text("Thủ tục này không cần giấy tờ đó.", "This procedure does not ask for that paper.")
        raise Invalid("document-unknown", text.vi, text.en, [Fault("/document", "unknown", text)])


def store(storage: Storage, stream: BinaryIO, document: str, name: str) -> Upload:
    """Put an upload into storage, not yet in any dossier. Unsupported, TooLarge, Invalid when empty."""
    media_type = content.recognise(stream)
    tidy = tidy_file_name(name, content.SUFFIXES[media_type])
    return Upload(document, tidy, media_type, storage.store(stream))


def attach(uow: UnitOfWork, whose: Whose, key: str, upload: Upload, most: int) -> File:
    """Conflict when the draft was submitted or filled up since `check_place`."""
    found = queries.own(uow, whose, key, lock=True)
    file = File(
        id=new_id(),
        dossier_id=found.id,
        document=upload.document,
        name=uow.protect(found.applicant, upload.name),
        media_type=upload.media_type,
        size=upload.stored.size,
        sha256=upload.stored.sha256,
        stored_as=upload.stored.name,
        scan="unscanned",
        added_at=uow.now(),
    )
    found.attach(file, uow.now(), most)
    return file


def detach(uow: UnitOfWork, whose: Whose, key: str, file: UUID) -> None:
    found = queries.own(uow, whose, key, lock=True)
    found.detach(queries.file_of(found, file), uow.now())
