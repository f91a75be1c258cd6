"""A service's settings in a test, as an object and as the environment of a process."""

from base64 import b64encode

from chassis import service as services
from chassis.settings import KeyRing, Settings
from chassis.testing.tokens import PUBLIC_URL


def ring(name: str) -> KeyRing:
    return KeyRing({f"{name}-1": (name.encode() * 32)[:32]})


def test_settings(service: str, database_url: str, amqp_url: str | None = None) -> Settings:
    return Settings(
        service=service,
        database_url=database_url,
        amqp_url=amqp_url,
        jwks_url="http://127.0.0.1:9/jwks",
        public_url=PUBLIC_URL,
        master=ring(service),
        index=b"index-key-of-the-tests-32-bytes!",
        seals={name: ring(f"seal-{name}") for name in services.names()},
        pool_size=40,
    )


test_settings.__test__ = False  # type: ignore[attr-defined]


def settings_environment(settings: Settings) -> dict[str, str]:
    """The same settings as the environment of a process."""

    def dump(keys: KeyRing) -> str:
        return "{" + ",".join(f'"{k}":"{b64encode(v).decode()}"' for k, v in keys.keys.items()) + "}"

    upper = settings.service.upper()
    return {
        f"{upper}_DATABASE_URL": settings.database_url,
        f"{upper}_MASTER_KEYS": dump(settings.master),
        f"{upper}_INDEX_KEY": b64encode(settings.index).decode(),
        "SEAL_KEYS": "{" + ",".join(f'"{n}":{dump(r)}' for n, r in settings.seals.items()) + "}",
    }
