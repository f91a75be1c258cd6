from typing import Any

import pika

from tests.sdk.consumers.office import Office, main


class IsNotMandatory(Office):
    """And says not who it is."""

    def send(self, channel: Any, body: bytes) -> None:
        exchange, key = self.at["AGENCY_DECISIONS_EXCHANGE"], self.at["AGENCY_DECISIONS_KEY"]
        channel.basic_publish(exchange, key, body, pika.BasicProperties(delivery_mode=2))


main(IsNotMandatory)
