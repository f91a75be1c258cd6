from chassis.http import Client
from services.notify.adapters import gateway
from services.notify.model.delivery import Outgoing


class MailGateway:
    """`POST /emails {to, subject, text, reference}`; the same reference again is no second message."""

    def __init__(self, url: str, seconds: float = gateway.SECONDS) -> None:
        self._client = Client(url, timeout=seconds)

    def send(self, outgoing: Outgoing) -> None:
        body = {
            "to": outgoing.to,
            "subject": outgoing.subject or "",
            "text": outgoing.text,
            "reference": str(outgoing.reference),
        }
        gateway.post(self._client, "/emails", body)
