from typing import Any

from tests.sdk.consumers.office import Office, main


class TakesRepeatsForGaps(Office):
    def look_for_gap(self, event: dict[str, Any]) -> None:
        position = event.get("position", 0)
        if position != self.position + 1:
            self.note("gap", self.position + 1, position - 1)
        self.position = position


main(TakesRepeatsForGaps)
