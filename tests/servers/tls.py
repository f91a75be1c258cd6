"""A broker's certificate for `localhost`, from an authority that nobody else trusts."""

from dataclasses import dataclass
from pathlib import Path

from chassis.installation import certificates

HOST = "localhost"
AUTHORITY = "motcua test authority"
FILES = {"cacertfile": "ca.pem", "certfile": "broker.pem", "keyfile": "key.pem"}


@dataclass(frozen=True)
class Tls:
    """`url` is amqps and by HOST; `ca` is the authority's certificate."""

    url: str
    ca: Path


def lines(listener: str, folder: str) -> str:
    """Of rabbitmq.conf; `listener` is an address with a port, or a port."""
    files = "".join(f"ssl_options.{option} = {folder}/{name}\n" for option, name in FILES.items())
    nobody_asked = "ssl_options.verify = verify_none\nssl_options.fail_if_no_peer_cert = false\n"
    return f"listeners.ssl.default = {listener}\n{files}{nobody_asked}"


def write(folder: Path) -> Path:
    """The files of `lines`, readable by whoever the broker runs as. Returns the authority's certificate."""
    authority = certificates.Authority(AUTHORITY)
    broker = authority.issue([HOST])
    pems = (authority.certificate, broker.certificate, broker.private_key)
    for name, pem in zip(FILES.values(), pems, strict=True):
        (folder / name).write_bytes(pem)
        (folder / name).chmod(0o644)
    return folder / FILES["cacertfile"]
