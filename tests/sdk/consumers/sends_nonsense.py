import json
from typing import Any

from tests.sdk.consumers.office import Office, main


class SendsNonsense(Office):
    """Without the envelope."""

    def send(self, channel: Any, body: bytes) -> None:
        super().send(channel, json.dumps(json.loads(body)["data"]).encode())


main(SendsNonsense)
