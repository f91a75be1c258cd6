"""Why the portal says no. A rule raises one of these; chassis turns it into an RFC 9457 problem."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from vocabulary.text import Text


@dataclass(frozen=True)
class Fault:
    """One thing wrong with the input; `pointer` is a JSON pointer into it (RFC 6901)."""

    pointer: str
    code: str
    detail: Text


class Refusal(Exception):
    """`code` is stable and part of the API; `detail` says in both languages how to go on."""

    def __init__(self, code: str, vi: str, en: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(f"{code}: {en}")
        self.code = code
        self.detail = Text(vi, en)
        self.faults = tuple(faults)


class Malformed(Refusal):
    """The request cannot be read (400)."""


class NotAuthenticated(Refusal):
    """Nobody is logged in, or the proof is wrong (401)."""


class Forbidden(Refusal):
    """Known, but not allowed (403). Where existence is private, raise NotFound."""


class NotFound(Refusal):
    """Nothing there that this caller may see (404)."""


class Conflict(Refusal):
    """Right request, wrong state (409)."""


class Gone(Refusal):
    """It was there, and is kept no longer (410)."""


class Stale(Refusal):
    """The thing changed since the caller read it (412)."""


class PreconditionRequired(Refusal):
    """A change must say which version it changes (428)."""


class TooLarge(Refusal):
    """413."""


class Unsupported(Refusal):
    """A kind of content that is not taken (415)."""


class Invalid(Refusal):
    """Readable, but the content breaks a rule; `faults` names the fields (422)."""


class TooMany(Refusal):
    """Too often; `retry_after` says when again (429)."""

    def __init__(self, code: str, vi: str, en: str, retry_after: timedelta) -> None:
        super().__init__(code, vi, en)
        self.retry_after = retry_after


class Unavailable(Refusal):
    """Something this needs is away; try again after `retry_after` (503)."""

    def __init__(self, code: str, vi: str, en: str, retry_after: timedelta) -> None:
        super().__init__(code, vi, en)
        self.retry_after = retry_after
