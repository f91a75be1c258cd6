import random
from typing import Any

from tests.sdk.consumers.office import Office, main


class HandlesAtOnce(Office):
    """Each event takes its own time, whatever is before it."""

    def hear(self, channel: Any, method: Any, properties: Any, body: bytes) -> None:
        try:
            self.look_for_gap(self.read(body))
        except (ValueError, TypeError, KeyError):
            channel.basic_reject(method.delivery_tag, requeue=False)
            return
        seconds = random.uniform(0, 0.2)
        channel.connection.call_later(
            seconds, lambda: super(HandlesAtOnce, self).hear(channel, method, None, body)
        )


main(HandlesAtOnce)
