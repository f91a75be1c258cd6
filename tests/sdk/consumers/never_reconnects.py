import time

from pika.exceptions import AMQPError

from tests.sdk.consumers.office import PAUSE_SECONDS, Office, main


class NeverReconnects(Office):
    """Waits for a broker at the start, and ends with its first connection."""

    def work(self) -> None:
        while True:
            try:
                return self.listen()
            except (AMQPError, OSError):
                if self.lines():
                    raise
                time.sleep(PAUSE_SECONDS)


main(NeverReconnects)
