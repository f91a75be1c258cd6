"""What an operator sets, read once from the environment. Any NAME may come as NAME_FILE."""

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from environs import Env

env = Env()


def text(name: str, default: str | None = None) -> str:
    """The setting `name`, or the content of the file that `name`_FILE names."""
    path = env.str(f"{name}_FILE", None)
    if path:
        return Path(path).read_text().strip()
    return env.str(name) if default is None else env.str(name, default)


@dataclass(frozen=True)
class KeyRing:
    """AES-256 keys by id; the first one seals, all of them open."""

    keys: Mapping[str, bytes]

    @classmethod
    def parse(cls, ring: str) -> "KeyRing":
        """`{"<key id>": "<base64 of 32 bytes>", ...}`, newest first."""
        return cls({kid: b64decode(key) for kid, key in json.loads(ring).items()})

    @property
    def current(self) -> tuple[str, bytes]:
        return next(iter(self.keys.items()))


@dataclass(frozen=True)
class Settings:
    """What every service needs.

    `master` wraps the data keys at rest, `index` makes look-up hashes, `seals` holds one ring per
    service that sealed fields are for. `event_retention` is how long the log goes back.
    """

    service: str
    database_url: str
    amqp_url: str | None
    jwks_url: str
    public_url: str
    master: KeyRing
    index: bytes
    seals: Mapping[str, KeyRing]
    pool_size: int = 10
    event_retention: timedelta = timedelta(days=90)


def load(service: str) -> Settings:
    upper = service.upper()
    return Settings(
        service=service,
        database_url=text(f"{upper}_DATABASE_URL"),
        amqp_url=text("AMQP_URL", "") or None,
        jwks_url=text("JWKS_URL"),
        public_url=text("PUBLIC_URL"),
        master=KeyRing.parse(text(f"{upper}_MASTER_KEYS")),
        index=b64decode(text(f"{upper}_INDEX_KEY")),
        seals=seals(text("SEAL_KEYS")),
        # One more than threads at least: a request may need a transaction beside the one it holds.
        event_retention=event_retention(),
        pool_size=env.int("DATABASE_POOL_SIZE", env.int("WEB_THREADS", 8) + 2),
    )


def event_retention() -> timedelta:
    return env.timedelta("EVENT_RETENTION", timedelta(days=90))


def seals(rings: str) -> dict[str, KeyRing]:
    """`{"<service>": {"<key id>": "<base64>"}}`."""
    return {name: KeyRing.parse(json.dumps(ring)) for name, ring in json.loads(rings).items()}
