from typing import Any

from tests.sdk.consumers.office import Office, main


class RequeuesPoison(Office):
    def hear(self, channel: Any, method: Any, properties: Any, body: bytes) -> None:
        try:
            self.handle(channel, self.read(body))
        except (ValueError, TypeError, KeyError):
            channel.basic_nack(method.delivery_tag, requeue=True)
        else:
            channel.basic_ack(method.delivery_tag)


main(RequeuesPoison)
