from tests.sdk.consumers.office import Office, main


class BelievesEveryAnswer(Office):
    def outcome(self, name: str, decision_id: str) -> None:
        self.note("decided", decision_id)


main(BelievesEveryAnswer)
