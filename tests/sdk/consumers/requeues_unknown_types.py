from typing import Any

from tests.sdk.consumers.office import KNOWN, Office, main


class RequeuesUnknownTypes(Office):
    def hear(self, channel: Any, method: Any, properties: Any, body: bytes) -> None:
        try:
            name = self.read(body)["type"].split(".")[2]
        except (ValueError, TypeError, KeyError):
            name = "submitted"
        if name not in KNOWN and not name.startswith("decision-"):
            channel.basic_nack(method.delivery_tag, requeue=True)
        else:
            super().hear(channel, method, properties, body)


main(RequeuesUnknownTypes)
