from typing import Any

from tests.sdk.consumers.office import Office, main


class DecidesUnconfirmed(Office):
    def prepare(self, channel: Any) -> None:
        channel.basic_qos(prefetch_count=10)

    def decide(self, channel: Any, event: dict[str, Any]) -> None:
        self.remember(event)
        self.note("applied", event["id"])
        super().decide(channel, event)

    def apply(self, channel: Any, name: str, event: dict[str, Any]) -> None:
        if name == "submitted":
            self.decide(channel, event)
        else:
            super().apply(channel, name, event)


main(DecidesUnconfirmed)
