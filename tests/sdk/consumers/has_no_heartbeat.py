from typing import Any

from tests.sdk.consumers.office import Office, main


class HasNoHeartbeat(Office):
    def parameters(self) -> Any:
        parameters = super().parameters()
        parameters.heartbeat = 0
        return parameters


main(HasNoHeartbeat)
