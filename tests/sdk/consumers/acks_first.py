from typing import Any

from tests.sdk.consumers.office import Office, main


class AcksFirst(Office):
    def hear(self, channel: Any, method: Any, properties: Any, body: bytes) -> None:
        channel.basic_ack(method.delivery_tag)
        channel.connection.process_data_events(0.05)
        self.handle(channel, self.read(body))


main(AcksFirst)
