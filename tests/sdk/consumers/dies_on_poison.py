from typing import Any

from tests.sdk.consumers.office import Office, main


class DiesOnPoison(Office):
    def hear(self, channel: Any, method: Any, properties: Any, body: bytes) -> None:
        self.handle(channel, self.read(body))
        channel.basic_ack(method.delivery_tag)


main(DiesOnPoison)
