"""An agency's side of motcua. The README shows how each is used."""

from motcua_agency.agency import Agency, Sent
from motcua_agency.cursor import Cursor, FileCursor, rewind
from motcua_agency.dossier import Dossier, File
from motcua_agency.errors import (
    AgencyError,
    AwayError,
    BadSignatureError,
    DamagedFileError,
    DecisionRejectedError,
    OutcomeTimeoutError,
    ProblemError,
    UnconfirmedError,
    UnreadableEventError,
    UnroutableError,
)
from motcua_agency.event import Event, Outcome
from motcua_agency.positions import Gap
from motcua_agency.rest import Page, Replay, RestClient

__all__ = [
    "Agency",
    "AgencyError",
    "AwayError",
    "BadSignatureError",
    "Cursor",
    "DamagedFileError",
    "DecisionRejectedError",
    "Dossier",
    "Event",
    "File",
    "FileCursor",
    "Gap",
    "Outcome",
    "OutcomeTimeoutError",
    "Page",
    "ProblemError",
    "Replay",
    "RestClient",
    "Sent",
    "UnconfirmedError",
    "UnreadableEventError",
    "UnroutableError",
    "rewind",
]
