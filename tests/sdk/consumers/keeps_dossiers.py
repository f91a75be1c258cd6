from typing import Any

from tests.sdk.consumers.office import Office, main


class KeepsDossiers(Office):
    """Takes the subject for what is the same in a repeat."""

    def has(self, event: dict[str, Any]) -> bool:
        return event["subject"] in self.applied

    def remember(self, event: dict[str, Any]) -> None:
        self.applied.add(event["subject"])


main(KeepsDossiers)
