"""The secrets of an installation in a folder: a file for each setting, as `<SETTING>_FILE` wants it."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from chassis.installation.certificates import Authority
from chassis.installation.secrets import key, key_ring, password, seal_rings, write_private

ADMINISTRATOR = "motcua"
# Whoever may enter the folder may read them, which is its owner. Mounted one by one into containers, they are
# read there by users of other numbers.
READABLE = 0o644


class Folder:
    """What is kept is made once: lost keys lose what they protect."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.made: list[str] = []
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o700)

    def keep(self, name: str, make: Callable[[], str]) -> str:
        if not (self.path / name).exists():
            self.put(name, make())
        return (self.path / name).read_text().strip()

    def put(self, name: str, content: str) -> None:
        file = self.path / name
        if not file.exists() or file.read_text() != content:
            write_private(file, content, READABLE)
            self.made.append(name)


def fill(folder: Folder, services: Sequence[str], hosts: Sequence[str]) -> None:
    """All that docker-compose.yml mounts. `hosts`: by which names and addresses the portal is reached."""
    _databases(folder, services)
    _broker(folder, services)
    for service in services:
        folder.keep(f"{service}_master_keys", key_ring)
        folder.keep(f"{service}_index_key", key)
    folder.keep("seal_keys", lambda: seal_rings(services))
    folder.keep("gateway_secret_key", password)
    _certificates(folder, hosts)


def _databases(folder: Folder, services: Sequence[str]) -> None:
    administrator = folder.keep("postgres_password", password)
    folder.keep("postgres_admin_url", lambda: f"postgresql://postgres:{administrator}@postgres:5432/postgres")
    for name in services:
        folder.keep(f"{name}_database_url", lambda of=name: _database_url(of))  # type: ignore[misc]


def _database_url(service: str) -> str:
    return f"postgresql://{service}:{password()}@postgres:5432/{service}"


def _broker(folder: Folder, services: Sequence[str]) -> None:
    management = folder.keep(
        "rabbitmq_management_url", lambda: f"http://{ADMINISTRATOR}:{password()}@rabbitmq:15672"
    )
    administrator = _password_in(management)
    folder.keep("rabbitmq.conf", lambda: _first_account(administrator))
    folder.keep("amqp_url", lambda: _amqp_url(ADMINISTRATOR, administrator))
    accounts = {}
    for name in services:
        url = folder.keep(f"{name}_amqp_url", lambda of=name: _amqp_url(f"motcua-{of}", password()))  # type: ignore[misc]
        accounts[name] = _password_in(url)
    folder.put("broker_accounts", json.dumps(accounts))


def _amqp_url(account: str, secret: str) -> str:
    return f"amqp://{account}:{secret}@rabbitmq:5672/%2F"


def _first_account(secret: str) -> str:
    """RabbitMQ makes it when it starts without data."""
    return f"default_user = {ADMINISTRATOR}\ndefault_pass = {secret}\n"


def _password_in(url: str) -> str:
    secret = urlsplit(url).password
    if not secret:
        raise ValueError("a URL without a password")
    return secret


def _certificates(folder: Folder, hosts: Sequence[str]) -> None:
    """Each from an authority of its own, in `<name>_authority.crt`: one can be replaced without the other."""
    for name in ("portal", "broker"):
        if not (folder.path / f"{name}.crt").exists():
            authority = Authority(f"{name} of motcua, not for production")
            issued = authority.issue(hosts)
            folder.put(f"{name}_authority.crt", authority.certificate.decode())
            folder.put(f"{name}.key", issued.private_key.decode())
            folder.put(f"{name}.crt", issued.certificate.decode())
