"""What an operator sets for the gateway, read once from the environment."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from limits import parse

from chassis.needs import DECIMAL, NUMBER, PUBLIC, WEB, WORDS, Form, Need, Unfit, long_enough
from chassis.settings import env, text

SERVICES = ("identity", "catalog", "dossier", "notify", "feedback")
SECRET_CHARACTERS = 24
RATE = Form("a rate as `6000/minute`", lambda name: parse(text(name)))


def _certificate(name: str) -> None:
    """As server.py reads it: the two belong together."""
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
            env.str(name), env.str("GATEWAY_PRIVATE_KEY", "")
        )
    except OSError as error:
        raise Unfit(f"and GATEWAY_PRIVATE_KEY do not do: {error.strerror or error}") from error


CERTIFICATE = Form("the path of a certificate (PEM) whose key is at GATEWAY_PRIVATE_KEY", _certificate)
NEEDS = (
    Need("GATEWAY_SECRET_KEY", long_enough(SECRET_CHARACTERS), required=True),
    Need("PUBLIC_URL", PUBLIC, required=True),
    *(Need(f"{name.upper()}_URL", WEB, required=True) for name in SERVICES),
    Need("GATEWAY_URL", WEB),
    Need("GATEWAY_CERTIFICATE", CERTIFICATE),
    Need("GATEWAY_PRIVATE_KEY", WORDS),
    Need("GATEWAY_WORKERS", NUMBER),
    Need("TRUSTED_HOPS", NUMBER),
    Need("GATEWAY_RATE", RATE),
    Need("GATEWAY_RATE_OF_DOORS", RATE),
    Need("GATEWAY_BODY_LIMIT", NUMBER),
    Need("GATEWAY_READ_SECONDS", DECIMAL),
    Need("UPSTREAM_OIDC_NAME", WORDS),
)


@dataclass(frozen=True)
class TlsFiles:
    """Paths of PEM files: the certificate with its chain, and its private key."""

    certificate: str
    private_key: str


@dataclass(frozen=True)
class Settings:
    """`services` holds each service's base URL. Rates are per client address and **per process**
    (`limits` notation); `rate_of_doors` is for what guesses could be tried on: logging in,
    registering, captchas. `trusted_hops` counts the proxies of our own in front of this gateway.
    Without `tls` it speaks plain HTTP. `upstream` is the name of the provider above us, such as VNeID.
    """

    services: Mapping[str, str]
    public_url: str
    secret_key: str
    trusted_hops: int = 0
    rate: str = "6000/minute"
    rate_of_doors: str = "600/minute"
    body_limit: int = 12 * 1024 * 1024
    spool_above: int = 1024 * 1024
    body_seconds: int = 600
    connect_seconds: float = 2.0
    read_seconds: float = 20.0
    tls: TlsFiles | None = None
    upstream: str = ""

    @property
    def secure(self) -> bool:
        """Is the portal reached over https?"""
        return self.public_url.startswith("https://")


def load() -> Settings:
    return Settings(
        services={name: text(f"{name.upper()}_URL").rstrip("/") for name in SERVICES},
        public_url=text("PUBLIC_URL").rstrip("/"),
        secret_key=text("GATEWAY_SECRET_KEY"),
        trusted_hops=env.int("TRUSTED_HOPS", 0),
        rate=text("GATEWAY_RATE", "6000/minute"),
        rate_of_doors=text("GATEWAY_RATE_OF_DOORS", "600/minute"),
        body_limit=env.int("GATEWAY_BODY_LIMIT", 12 * 1024 * 1024),
        read_seconds=env.float("GATEWAY_READ_SECONDS", 20.0),
        tls=_tls(),
        upstream=text("UPSTREAM_OIDC_NAME", ""),
    )


def _tls() -> TlsFiles | None:
    certificate, private_key = env.str("GATEWAY_CERTIFICATE", ""), env.str("GATEWAY_PRIVATE_KEY", "")
    return TlsFiles(certificate, private_key) if certificate or private_key else None
