from typing import Any

from tests.sdk.consumers.office import Office, main


class WaitsBehindPoison(Office):
    """Leaves what it cannot read unacknowledged, one message at a time."""

    def prepare(self, channel: Any) -> None:
        channel.confirm_delivery()
        channel.basic_qos(prefetch_count=1)

    def hear(self, channel: Any, method: Any, properties: Any, body: bytes) -> None:
        try:
            event = self.read(body)
        except (ValueError, TypeError, KeyError):
            return
        self.handle(channel, event)
        channel.basic_ack(method.delivery_tag)


main(WaitsBehindPoison)
