from typing import Any

from tests.sdk.consumers.office import Office, main


class KeepsNoIds(Office):
    def has(self, event: dict[str, Any]) -> bool:
        return False


main(KeepsNoIds)
