"""RabbitMQ's management API: what is there, and what an administrator makes."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import urllib3
from urllib3.util import make_headers, parse_url

from chassis.broker.passwords import HASHING
from chassis.exits import AWAY, REFUSED, USAGE, stop
from chassis.settings import text


class BrokerAway(Exception):
    """Not reached, or broken: trying again may help."""


class BrokerRefused(Exception):
    """It answered no: wrong credentials, or something exists that is declared otherwise."""


class BrokerAdmin:
    """Of one virtual host. Every call can be repeated: what is already so stays so."""

    def __init__(self, url: str, vhost: str, seconds: float = 10.0) -> None:
        parts = parse_url(url)
        self._url = parts._replace(auth=None).url.rstrip("/")
        self._headers = {"Content-Type": "application/json"}
        if parts.auth:
            self._headers |= make_headers(basic_auth=unquote(parts.auth))
        self._vhost = quote(vhost, safe="")
        self._pool = urllib3.PoolManager(timeout=seconds, retries=False)
        self.at = f"{parts.host}:{parts.port or 15672}, virtual host {vhost}"

    def overview(self) -> dict[str, Any]:
        found: dict[str, Any] = self._get("overview")
        return found

    def now(self) -> datetime:
        """The clock of the node that answers, to the second. BrokerRefused when it does not say."""
        said = self._call("GET", "overview", None).headers.get("date", "")
        try:
            return parsedate_to_datetime(said)
        except ValueError as error:
            raise BrokerRefused("overview: no Date in its answer") from error

    def nodes(self) -> list[dict[str, Any]]:
        return self._get("nodes") or []

    def feature_flags(self) -> dict[str, str]:
        return {flag["name"]: flag["state"] for flag in self._get("feature-flags") or []}

    def exchanges(self) -> dict[str, dict[str, Any]]:
        return self._named("exchanges")

    def queues(self) -> dict[str, dict[str, Any]]:
        return self._named("queues")

    def policies(self) -> dict[str, dict[str, Any]]:
        return self._named("policies")

    def operator_policies(self) -> dict[str, dict[str, Any]]:
        return self._named("operator-policies")

    def bindings(self) -> list[dict[str, Any]]:
        return self._get(f"bindings/{self._vhost}") or []

    def accounts(self) -> dict[str, dict[str, Any]]:
        """Of the whole broker, with the hashes of their passwords. For administrators alone."""
        return {each["name"]: each for each in self._get("users") or []}

    def permissions(self, account: str) -> dict[str, Any] | None:
        """None: the account is not there, or has none here."""
        found: dict[str, Any] | None = self._get(f"permissions/{self._vhost}/{quote(account)}")
        return found

    def topic_permissions(self, account: str) -> list[dict[str, Any]]:
        found = self._get(f"topic-permissions/{self._vhost}/{quote(account)}") or []
        return found if isinstance(found, list) else [found]

    def everybodys_permissions(self) -> dict[str, dict[str, Any]]:
        """By account; one that is not there has none."""
        found = self._get(f"vhosts/{self._vhost}/permissions") or []
        return {each["user"]: each for each in found}

    def accounts_with_permissions_elsewhere(self) -> set[str]:
        """In any other virtual host. For administrators alone."""
        found = self._get("permissions") or []
        return {each["user"] for each in found if quote(each["vhost"], safe="") != self._vhost}

    def everybodys_topic_permissions(self) -> dict[str, list[dict[str, Any]]]:
        by_account: dict[str, list[dict[str, Any]]] = {}
        for each in self._get(f"vhosts/{self._vhost}/topic-permissions") or []:
            by_account.setdefault(each["user"], []).append(each)
        return by_account

    def has_queue(self, name: str) -> bool:
        return self._get(f"queues/{self._vhost}/{quote(name)}") is not None

    def declare_exchange(self, name: str, type: str) -> None:
        self._call("PUT", f"exchanges/{self._vhost}/{quote(name)}", {"type": type, "durable": True})

    def declare_queue(self, name: str, arguments: Mapping[str, object]) -> None:
        body = {"durable": True, "arguments": arguments}
        self._call("PUT", f"queues/{self._vhost}/{quote(name)}", body)

    def bind(self, exchange: str, queue: str, key: str) -> None:
        self._call("POST", self._bindings_of(exchange, queue), {"routing_key": key})

    def unbind(self, exchange: str, queue: str, properties_key: str) -> None:
        """`properties_key` is the broker's own name for a binding, as `bindings()` gives it."""
        path = f"{self._bindings_of(exchange, queue)}/{quote(properties_key, safe='')}"
        self._call("DELETE", path, None)

    def put_policy(self, name: str, policy: Mapping[str, object]) -> None:
        self._call("PUT", f"policies/{self._vhost}/{quote(name)}", policy)

    def delete_policy(self, name: str) -> None:
        self._call("DELETE", f"policies/{self._vhost}/{quote(name)}", None)

    def put_account(self, name: str, password_hash: str) -> None:
        """`password_hash` as `passwords.hashed` makes it. Without tags the management API is closed to it."""
        body = {"password_hash": password_hash, "hashing_algorithm": HASHING, "tags": ""}
        self._call("PUT", f"users/{quote(name)}", body)

    def delete_account(self, name: str) -> None:
        self._call("DELETE", f"users/{quote(name)}", None)

    def permit(self, account: str, permissions: dict[str, str]) -> None:
        self._call("PUT", f"permissions/{self._vhost}/{quote(account)}", permissions)

    def permit_topics(self, account: str, permissions: dict[str, str]) -> None:
        self._call("PUT", f"topic-permissions/{self._vhost}/{quote(account)}", permissions)

    def _bindings_of(self, exchange: str, queue: str) -> str:
        return f"bindings/{self._vhost}/e/{quote(exchange)}/q/{quote(queue)}"

    def _named(self, kind: str) -> dict[str, dict[str, Any]]:
        return {each["name"]: each for each in self._get(f"{kind}/{self._vhost}") or []}

    def _get(self, path: str) -> Any:
        """None when it is not there."""
        answer = self._call("GET", path, None)
        return None if answer.status == 404 else json.loads(answer.data)

    def _call(self, method: str, path: str, body: Any) -> urllib3.BaseHTTPResponse:
        """An answer of 2xx, or a 404 where nothing is to be changed but looked at or taken away."""
        try:
            answer = self._pool.request(
                method,
                f"{self._url}/api/{path}",
                body=None if body is None else json.dumps(body).encode(),
                headers=self._headers,
                redirect=False,
            )
        except urllib3.exceptions.HTTPError as error:
            raise BrokerAway(f"{method} {path}: {type(error).__name__}") from error
        if answer.status >= 500:
            raise BrokerAway(f"{method} {path}: answered {answer.status}")
        if answer.status >= 300 and (method, answer.status) not in {("GET", 404), ("DELETE", 404)}:
            raise BrokerRefused(f"{method} {path}: answered {answer.status} {_reason(answer.data)}".strip())
        return answer


def _reason(body: bytes) -> str:
    try:
        return str(json.loads(body).get("reason", ""))
    except (ValueError, AttributeError):
        return ""


@contextmanager
def at_hand() -> Iterator[BrokerAdmin]:
    """The broker of the settings, for a command; its refusals end the command with the right exit code."""
    try:
        yield BrokerAdmin(_setting("RABBITMQ_MANAGEMENT_URL"), vhost(_setting("AMQP_URL")))
    except BrokerRefused as refused:
        raise stop(f"The broker refused: {refused}", REFUSED) from refused
    except BrokerAway as away:
        raise stop(f"The broker is away: {away}. Run this again.", AWAY) from away


def vhost(amqp_url: str) -> str:
    """`amqp://host` and `amqp://host/` mean `/`, as kombu reads them."""
    return unquote(urlsplit(amqp_url).path[1:]) or "/"


def _setting(name: str) -> str:
    value = text(name, "")
    if not value:
        raise stop(f"{name} is not set.", USAGE)
    return value
