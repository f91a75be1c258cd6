from typing import Any

from tests.sdk.consumers.office import Office, main


class KeepsNoPosition(Office):
    def look_for_gap(self, event: dict[str, Any]) -> None:
        pass


main(KeepsNoPosition)
