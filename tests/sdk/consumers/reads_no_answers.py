from tests.sdk.consumers.office import Office, main


class ReadsNoAnswers(Office):
    def outcome(self, name: str, decision_id: str) -> None:
        pass


main(ReadsNoAnswers)
