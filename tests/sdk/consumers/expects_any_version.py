from typing import Any

from tests.sdk.consumers.office import Office, main


class ExpectsAnyVersion(Office):
    def decide(self, channel: Any, event: dict[str, Any]) -> None:
        super().decide(channel, event | {"data": event["data"] | {"version": 1}})


main(ExpectsAnyVersion)
