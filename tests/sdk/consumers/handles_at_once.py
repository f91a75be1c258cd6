import random
import threading
import time
from typing import Any

from tests.sdk.consumers.office import Office, main


class HandlesAtOnce(Office):
    """Each event in a thread of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()

    def hear(self, channel: Any, method: Any, properties: Any, body: bytes) -> None:
        threading.Thread(target=self.later, args=[channel, method.delivery_tag, body]).start()

    def later(self, channel: Any, tag: int, body: bytes) -> None:
        time.sleep(random.uniform(0, 0.2))
        with self.lock:
            self.look_and_note(body)
        channel.connection.add_callback_threadsafe(lambda: channel.basic_ack(tag))

    def look_and_note(self, body: bytes) -> None:
        event = self.read(body)
        if not self.has(event):
            self.remember(event)
            self.note("applied", event["id"])


main(HandlesAtOnce)
