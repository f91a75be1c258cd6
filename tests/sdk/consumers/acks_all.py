from typing import Any

from tests.sdk.consumers.office import Office, main


class AcksAll(Office):
    """Takes a handful, acknowledges all of them, and applies them then."""

    def __init__(self) -> None:
        super().__init__()
        self.batch: list[bytes] = []

    def hear(self, channel: Any, method: Any, properties: Any, body: bytes) -> None:
        self.batch.append(body)
        if len(self.batch) == 6:
            channel.basic_ack(method.delivery_tag, multiple=True)
            channel.connection.process_data_events(0.05)
            for one in self.batch:
                self.handle(channel, self.read(one))
            self.batch.clear()


main(AcksAll)
