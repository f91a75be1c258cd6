import pika

from tests.sdk.consumers.office import Office, main


class AcksByTheBroker(Office):
    def listen(self) -> None:
        with pika.BlockingConnection(self.parameters()) as connection:
            channel = connection.channel()
            self.prepare(channel)
            take = self.take
            channel.basic_consume(self.at["AGENCY_QUEUE"], take, auto_ack=True)
            channel.start_consuming()

    def take(self, channel: object, _method: object, _properties: object, body: bytes) -> None:
        self.handle(channel, self.read(body))


main(AcksByTheBroker)
