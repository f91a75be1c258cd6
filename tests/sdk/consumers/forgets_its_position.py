from typing import Any

from tests.sdk.consumers.office import Office, main


class ForgetsItsPosition(Office):
    """Begins with whatever position comes first after a start."""

    def __init__(self) -> None:
        super().__init__()
        self.position = 0

    def look_for_gap(self, event: dict[str, Any]) -> None:
        self.position = self.position or event.get("position", 1) - 1
        super().look_for_gap(event)


main(ForgetsItsPosition)
