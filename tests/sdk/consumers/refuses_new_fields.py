from typing import Any

from tests.sdk.consumers.office import Office, main

FIELDS = {"code", "agency", "status", "version", "decision_id", "problem", "detail"}


class RefusesNewFields(Office):
    def read(self, body: bytes) -> dict[str, Any]:
        event = super().read(body)
        if not set(event["data"]) <= FIELDS:
            raise ValueError("a field it does not know")
        return event


main(RefusesNewFields)
