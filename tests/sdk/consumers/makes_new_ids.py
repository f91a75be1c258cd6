from typing import Any
from uuid import uuid4

from tests.sdk.consumers.office import Office, main


class MakesNewIds(Office):
    def decision_id(self, event: dict[str, Any]) -> str:
        return str(uuid4())


main(MakesNewIds)
