"""Where everything of one installation is: addresses, files and settings."""

import os
import shlex
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from chassis.installation import secrets
from chassis.settings import text
from chassis.up.postgres import Server, free_port

HERE = "127.0.0.1"
OUTSIDE = (
    "SMS_GATEWAY_URL",
    "MAIL_GATEWAY_URL",
    "SIM_REGISTER_URL",
    "INSURANCE_REGISTER_URL",
    "POPULATION_REGISTER_URL",
    "MOBILE_SIGNATURE_URL",
)
"""What the sandbox answers for in a trial."""
PRIVATE = ("_DATABASE_URL", "_MASTER_KEYS", "_INDEX_KEY", "SEAL_KEYS", "AMQP_URL", "_CLIENT_SECRET")


class PortTaken(Exception):
    """Another program listens there."""


def listen(port: int) -> socket.socket:
    """An open door, handed on to whoever answers behind it: it stays open while they are started again."""
    try:
        return socket.create_server((HERE, port), backlog=256)
    except OSError as error:
        raise PortTaken(f"Port {port} of {HERE} is taken by another program, or not allowed.") from error


@dataclass(frozen=True)
class Plan:
    """`doors` are the listening sockets of the gateway, the sandbox and each service, by name."""

    var: Path
    services: Sequence[str]
    doors: Mapping[str, socket.socket]

    @classmethod
    def make(cls, var: Path, port: int, services: Sequence[str]) -> "Plan":
        """PortTaken when a door cannot be opened."""
        doors = {"gateway": listen(port), "sandbox": listen(port + 1)}
        return cls(var, services, doors | {name: listen(0) for name in services})

    def url(self, name: str) -> str:
        return f"http://{HERE}:{self.doors[name].getsockname()[1]}"

    @property
    def logs(self) -> Path:
        return self.var / "log"

    @cached_property
    def secrets(self) -> secrets.Secrets:
        return secrets.Secrets(self.var / "secrets")

    @cached_property
    def own_databases(self) -> dict[str, str]:
        """Passwords of the services whose database is ours to run, not named by `<SERVICE>_DATABASE_URL`."""
        ours = [name for name in self.services if not _given(f"{name.upper()}_DATABASE_URL")]
        return {name: self.secrets.get(f"database {name}", secrets.password) for name in ours}

    @cached_property
    def server(self) -> Server:
        return Server(self.var / "postgres", free_port(), self.secrets.get("database", secrets.password))

    def environment(self) -> dict[str, str]:
        """All settings. What the operator has set wins, but for the addresses, which are ours to give."""
        defaults = self._keys() | {
            "PUBLIC_URL": self.url("gateway"),
            "FILES_DIR": str(self.var / "files"),
            # The trial's own authority: it issues the cards one can try.
            "CERTIFICATE_ROOTS": str(self.var / "sandbox" / "authority"),
        }
        return {k: v for k, v in defaults.items() if not _given(k)} | self._addresses() | self._databases()

    def _keys(self) -> dict[str, str]:
        keys = {
            "SEAL_KEYS": self.secrets.get("SEAL_KEYS", lambda: secrets.seal_rings(self.services)),
            "GATEWAY_SECRET_KEY": self.secrets.get("GATEWAY_SECRET_KEY", secrets.password),
        }
        for name in map(str.upper, self.services):
            keys[f"{name}_MASTER_KEYS"] = self.secrets.get(f"{name}_MASTER_KEYS", secrets.key_ring)
            keys[f"{name}_INDEX_KEY"] = self.secrets.get(f"{name}_INDEX_KEY", secrets.key)
        return keys

    def _addresses(self) -> dict[str, str]:
        return {
            **{f"{name.upper()}_URL": self.url(name) for name in self.services},
            **dict.fromkeys(OUTSIDE, self.url("sandbox")),
            "JWKS_URL": self.url("identity") + "/api/v1/jwks",
            **self._upstream(),
            # A trial's back office is on this machine.
            "WEBHOOK_PRIVATE_ADDRESSES": "allow",
        }

    def _upstream(self) -> dict[str, str]:
        """A provider of identities above the portal, which the outside world plays as well."""
        issuer = self.url("sandbox") + "/vi-du-cap-tren"
        given = {
            "ISSUER": issuer,
            "CLIENT_ID": "motcua",
            "CLIENT_SECRET": "only-for-trying",
            "NAME": "VNeID (thử)",
        }
        return {f"UPSTREAM_OIDC_{name}": value for name, value in given.items()}

    def _databases(self) -> dict[str, str]:
        own = self.own_databases
        return {f"{name.upper()}_DATABASE_URL": self.server.url(name, own[name], name) for name in own}

    @property
    def settings_file(self) -> Path:
        return self.var / "settings.sh"

    def tell(self, settings: Mapping[str, str]) -> None:
        """To other terminals, for the commands of operators: a file that a shell reads, its owner's alone."""
        lines = (f"export {name}={shlex.quote(value)}\n" for name, value in sorted(settings.items()))
        secrets.write_private(self.settings_file, "".join(lines))

    def database_urls(self) -> list[str]:
        """One for each service, once the environment is set."""
        return [text(f"{name.upper()}_DATABASE_URL") for name in self.services]


def _given(setting: str) -> bool:
    return setting in os.environ or f"{setting}_FILE" in os.environ


def public_part(environment: Mapping[str, str]) -> dict[str, str]:
    """What may be known to a process that talks to browsers: no keys of services, no databases."""
    return {
        name: value for name, value in environment.items() if not name.removesuffix("_FILE").endswith(PRIVATE)
    }
