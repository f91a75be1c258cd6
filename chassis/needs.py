"""What each part says of its own settings, so that an installation can be checked before it runs."""

import json
from base64 import b64decode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from environs.exceptions import EnvError

from chassis.settings import KeyRing, env, seals, text

KEY_BYTES = 32


class Unfit(ValueError):
    """Says in words what a setting is not. Never holds a secret."""


@dataclass(frozen=True)
class Form:
    """`words` complete "must be ..."; `read` takes a setting's name. It raises Unfit, or any ValueError.

    `may_be_empty`: set to nothing is as not set.
    """

    words: str
    read: Callable[[str], object]
    may_be_empty: bool = True

    def problem(self, name: str) -> str | None:
        """What is wrong with the setting of that name. None: it is of this form."""
        try:
            self.read(name)
        except Unfit as unfit:
            return str(unfit)
        except (EnvError, ValueError, TypeError, AttributeError):
            return f"is not {self.words}"
        return None


@dataclass(frozen=True)
class Need:
    """A setting. `without`: what does not work when it is not set, where that is worth a warning."""

    name: str
    form: Form
    required: bool = False
    default: str = ""
    without: str = ""


WORDS = Form("a text", text)
FOLDER = Form("the path of a folder", text)
NUMBER = Form("a whole number", env.int, may_be_empty=False)
DECIMAL = Form("a number", env.float, may_be_empty=False)
DURATION = Form("seconds, or as `5m`, `12h`", env.timedelta, may_be_empty=False)


def address(*schemes: str) -> Form:
    """A URL with a host."""

    def read(name: str) -> None:
        parts = urlsplit(text(name))
        if parts.scheme not in schemes or not parts.hostname or parts.port == 0:
            raise ValueError

    return Form(f"an address like {schemes[0]}://host:port", read)


WEB = address("http", "https")
BROKER = address("amqp", "amqps")


def _database(name: str) -> None:
    parts = urlsplit(text(name))
    schemes = {"postgresql", "postgres", "postgresql+psycopg"}
    if parts.scheme not in schemes or not parts.path.strip("/") or parts.port == 0:
        raise ValueError


def _public(name: str) -> None:
    WEB.read(name)
    parts = urlsplit(text(name))
    if parts.scheme != "https" and not is_this_machine(parts.hostname or ""):
        raise Unfit("is http: passwords and cookies would travel in clear")


def is_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def long_enough(least: int) -> Form:
    """A text that cannot be guessed, by its length."""

    def read(name: str) -> None:
        if len(text(name)) < least:
            raise Unfit(f"is shorter than {least} characters")

    return Form(f"{least} random characters or more", read)


def _key(name: str) -> None:
    _whole(b64decode(text(name), validate=True), "it")


def _whole(key: bytes, which: str) -> None:
    if len(key) != KEY_BYTES:
        raise Unfit(f"{which} has {len(key)} bytes, not {KEY_BYTES}")
    if len(set(key)) == 1:
        raise Unfit(f"{which} is no random key: all its bytes are the same")


def _ring(name: str) -> None:
    _whole_ring(KeyRing.parse(text(name)))


def _whole_ring(ring: KeyRing) -> None:
    if not ring.keys:
        raise Unfit("has no key")
    for id, key in ring.keys.items():
        _whole(key, f"key {id}")


def _seals(name: str) -> None:
    for ring in seals(text(name)).values():
        _whole_ring(ring)


def ring_for(service: str) -> Need:
    """Of whoever seals for that service, or is it."""

    def read(name: str) -> None:
        if service not in seals(text(name)):
            raise Unfit(f"has no ring for {service}")

    return Need("SEAL_KEYS", Form(f"with a ring for {service}", read), required=True)


DATABASE = Form("postgresql://user:password@host:port/name", _database)
PUBLIC = Form("https://<the portal's name> (http for 127.0.0.1 and localhost only)", _public)
KEY = Form("base64 of 32 random bytes", _key)
RING = Form('{"<key id>": "<base64 of 32 bytes>"}', _ring)
SEALS = Form('{"<service>": {"<key id>": "<base64 of 32 bytes>"}}', _seals)

ACCOUNTS = Form('{"<service>": "<password>"}', lambda name: json.loads(text(name)).items())

SHARED = (
    Need("PUBLIC_URL", PUBLIC, required=True),
    Need("JWKS_URL", WEB, required=True),
    Need("SEAL_KEYS", SEALS, required=True),
    Need("AMQP_URL", BROKER),
    Need("RABBITMQ_MANAGEMENT_URL", WEB),
    Need("POSTGRES_ADMIN_URL", DATABASE),
    Need("BROKER_ACCOUNTS", ACCOUNTS),
    Need("WEB_WORKERS", NUMBER),
    Need("WEB_THREADS", NUMBER),
    Need("DATABASE_POOL_SIZE", NUMBER),
    Need("EVENT_SHARDS", NUMBER),
    Need("EVENT_RETENTION", DURATION),
    Need("HEALTH_PORT", NUMBER),
)


def own(service: str) -> Sequence[Need]:
    """What only that service, and no other, is given."""
    upper = service.upper()
    return (
        Need(f"{upper}_DATABASE_URL", DATABASE, required=True),
        Need(f"{upper}_MASTER_KEYS", RING, required=True),
        Need(f"{upper}_INDEX_KEY", KEY, required=True),
        Need(f"{upper}_AMQP_URL", BROKER),
    )
