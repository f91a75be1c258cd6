"""What can go wrong, as exceptions: all are AgencyError."""

from collections.abc import Mapping


class AgencyError(Exception):
    """Everything this package raises on purpose."""


class AwayError(AgencyError):
    """The portal or the broker was not reached, or could not answer now: the same again may work later."""


class UnconfirmedError(AwayError):
    """Nobody knows whether the broker took the decision: send it again with the same `decision_id`."""


class UnroutableError(AgencyError):
    """The broker had nowhere to put the decision: nobody will get it. Tell the portal's operator."""


class OutcomeTimeoutError(AgencyError):
    """No outcome came in time. It still may: send the decision again with the same `decision_id`, or wait."""


class UnreadableEventError(AgencyError):
    """Not a CloudEvent: nobody can ever handle it."""


class BadSignatureError(AgencyError):
    """A webhook that the portal did not send, or sent too long ago: answer 400 and do nothing."""


class DamagedFileError(AgencyError):
    """What was downloaded is not what the dossier says it is; nothing was kept."""


class DecisionRejectedError(AgencyError):
    """The portal did not apply the decision. `code` is stable; `detail` has a sentence in `vi` and `en`."""

    def __init__(self, decision_id: str, code: str, detail: Mapping[str, str]) -> None:
        super().__init__(f"{code}: {detail.get('en', '')}".removesuffix(": "))
        self.decision_id, self.code, self.detail = decision_id, code, detail


class ProblemError(AgencyError):
    """The portal answered with a problem (RFC 9457), or with an OAuth 2.0 error. `code` is stable."""

    def __init__(self, status: int, code: str, detail: str = "", request_id: str | None = None) -> None:
        super().__init__(f"{status} {code}: {detail}".removesuffix(": "))
        self.status, self.code, self.detail, self.request_id = status, code, detail, request_id
