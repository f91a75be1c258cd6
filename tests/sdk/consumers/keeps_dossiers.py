from typing import Any

from tests.sdk.consumers.office import Office, main


class KeepsDossiers(Office):
    """Takes the subject for what is the same in a repeat."""

    def __init__(self) -> None:
        super().__init__()
        self.applied = {words[1] for words in self.lines() if words[0] == "dossier"}

    def has(self, event: dict[str, Any]) -> bool:
        return event["subject"] in self.applied

    def remember(self, event: dict[str, Any]) -> None:
        self.note("dossier", event["subject"])
        self.applied.add(event["subject"])


main(KeepsDossiers)
