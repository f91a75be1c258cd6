import pika

from tests.sdk.consumers.office import Office, main


class GivesUpAtStart(Office):
    def work(self) -> None:
        pika.BlockingConnection(self.parameters()).close()
        super().work()


main(GivesUpAtStart)
