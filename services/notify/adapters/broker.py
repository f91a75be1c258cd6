"""RabbitMQ's management API, as far as an agency's access needs it."""

import json
from typing import Any
from urllib.parse import quote, unquote

import urllib3
from urllib3.util import make_headers, parse_url


class BrokerAway(Exception):
    """Not reached, or broken: trying again may help."""


class BrokerRefused(Exception):
    """It answered no: wrong credentials, or something exists that is declared otherwise."""


class BrokerAdmin:
    """Every call can be repeated: what is already so stays so."""

    def __init__(self, url: str, vhost: str, seconds: float = 10.0) -> None:
        parts = parse_url(url)
        self._url = parts._replace(auth=None).url.rstrip("/")
        self._headers = {"Content-Type": "application/json"}
        if parts.auth:
            self._headers |= make_headers(basic_auth=unquote(parts.auth))
        self._vhost = quote(vhost, safe="")
        self._pool = urllib3.PoolManager(timeout=seconds, retries=False)

    def has_queue(self, name: str) -> bool:
        return self._call("GET", f"queues/{self._vhost}/{quote(name)}", None) != 404

    def declare_exchange(self, name: str, type: str) -> None:
        self._call("PUT", f"exchanges/{self._vhost}/{quote(name)}", {"type": type, "durable": True})

    def declare_queue(self, name: str, arguments: dict[str, object]) -> None:
        body = {"durable": True, "arguments": arguments}
        self._call("PUT", f"queues/{self._vhost}/{quote(name)}", body)

    def bind(self, exchange: str, queue: str, key: str) -> None:
        path = f"bindings/{self._vhost}/e/{quote(exchange)}/q/{quote(queue)}"
        self._call("POST", path, {"routing_key": key})

    def put_account(self, name: str, password: str) -> None:
        self._call("PUT", f"users/{quote(name)}", {"password": password, "tags": ""})

    def permit(self, account: str, permissions: dict[str, str]) -> None:
        self._call("PUT", f"permissions/{self._vhost}/{quote(account)}", permissions)

    def permit_topics(self, account: str, permissions: dict[str, str]) -> None:
        self._call("PUT", f"topic-permissions/{self._vhost}/{quote(account)}", permissions)

    def _call(self, method: str, path: str, body: Any) -> int:
        """The status: 2xx, or 404 to a GET."""
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
        if answer.status >= 300 and (method, answer.status) != ("GET", 404):
            raise BrokerRefused(f"{method} {path}: answered {answer.status} {_reason(answer.data)}".strip())
        return answer.status


def _reason(body: bytes) -> str:
    try:
        return str(json.loads(body).get("reason", ""))
    except (ValueError, AttributeError):
        return ""
