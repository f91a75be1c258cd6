from tests.sdk.consumers.office import Office, main


class KeepsIdsInMemory(Office):
    def __init__(self) -> None:
        super().__init__()
        self.applied = set()


main(KeepsIdsInMemory)
