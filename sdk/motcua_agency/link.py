"""One connection to the broker, one thread that owns it, made again for ever.

pika's connections and channels belong to one thread. Nobody else touches them: whoever wants something
done there hands it over with `call`.
"""

import logging
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import (
    AMQPError,
    AuthenticationError,
    ConnectionBlockedTimeout,
    ConnectionWrongStateError,
    ProbableAccessDeniedError,
    ProbableAuthenticationError,
)

from motcua_agency.backoff import BackOff
from motcua_agency.errors import AwayError

log = logging.getLogger("motcua_agency")
T = TypeVar("T")

WORDS: Mapping[type[Exception], str] = {
    ConnectionBlockedTimeout: "the broker takes no messages now: a memory or disk alarm on it",
    AuthenticationError: "the broker knows no such account and password",
    ProbableAuthenticationError: "the broker knows no such account and password",
    ProbableAccessDeniedError: "the broker does not let this account into that virtual host",
}
TICK_SECONDS = 1.0
CHECK_SECONDS = 60.0


class Link:
    """In the link's own thread, `prepare` is called with each new channel, and `is_fine` every minute: when
    it is not, another connection is made."""

    def __init__(
        self,
        parameters: pika.URLParameters,
        name: str,
        prepare: Callable[[BlockingChannel], None],
        is_fine: Callable[[BlockingChannel], bool] = bool,
    ) -> None:
        self._parameters, self._name = parameters, name
        self._prepare, self._is_fine = prepare, is_fine
        self._channel: BlockingChannel | None = None
        self._asked: set[Future[Any]] = set()
        self.problem = "not connected to the broker"
        self._up, self._ended = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"motcua-{name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, within: float = 10.0) -> None:
        """What was handed over before is done first, then the connection is closed."""
        self._ended.set()
        self._thread.join(within)

    def wait_until_up(self, within: float) -> bool:
        return self._up.wait(within)

    def call(self, do: Callable[[BlockingChannel], T]) -> "Future[T]":
        """`do` is run with the present channel, in the link's thread. AwayError, here or of the future:
        there is none now, or it broke before `do` was done."""
        channel = self._channel
        if channel is None:
            raise AwayError(self.problem)
        future: Future[T] = Future()
        self._asked.add(future)
        future.add_done_callback(self._asked.discard)
        hand_over(channel, partial(_fulfil, future, do, channel))
        return future

    def _run(self) -> None:
        pause = BackOff()
        while not self._ended.is_set():
            try:
                self._hold(pause)
            except (AMQPError, AwayError, OSError) as error:
                self.problem = said(error)
                log.warning("%s: the broker is away, trying again: %s", self._name, self.problem)
            except Exception:  # this thread must not end: whatever it was, a new connection may help
                log.exception("%s: the connection broke, trying again", self._name)
            self._channel = None
            self._up.clear()
            for future in list(self._asked):
                future.set_exception(AwayError(self.problem))
            self._ended.wait(pause.next())

    def _hold(self, pause: BackOff) -> None:
        """Returns once the channel is closed or the link is to end."""
        with pika.BlockingConnection(self._parameters) as connection:
            channel = connection.channel()
            self._prepare(channel)
            self._channel = channel
            self._up.set()
            pause.reset()
            checked = time.monotonic()
            while channel.is_open and not self._ended.is_set():
                connection.process_data_events(TICK_SECONDS)
                if time.monotonic() > checked + CHECK_SECONDS:
                    checked = time.monotonic()
                    if not self._is_fine(channel):
                        return
            connection.process_data_events(0)
            if not channel.is_open:
                log.warning("%s: the broker closed the channel, opening another", self._name)


def hand_over(channel: BlockingChannel, do: Callable[[], Any]) -> None:
    """Have `do` run in the thread of the channel's connection; AwayError when that is gone."""
    try:
        channel.connection.add_callback_threadsafe(do)
    except ConnectionWrongStateError as error:
        raise AwayError("the connection to the broker is gone") from error


def said(error: BaseException) -> str:
    """In words that can be acted on. Nothing of the address is in them."""
    error = _innermost(error)
    for kind, words in WORDS.items():
        if isinstance(error, kind):
            return words
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the broker's certificate was refused: {error.verify_message}"
    if isinstance(error, OSError):
        return f"the broker cannot be reached: {error}"
    return f"{type(error).__name__} {error}".strip()


def _innermost(error: BaseException) -> BaseException:
    """pika wraps what happened, without a word, once as an argument and once as `exception`."""
    inner = error.args[0] if error.args else getattr(error, "exception", None)
    return _innermost(inner) if isinstance(inner, BaseException) else error


def _fulfil(future: "Future[T]", do: Callable[[BlockingChannel], T], channel: BlockingChannel) -> None:
    try:
        future.set_result(do(channel))
    except Exception as error:
        future.set_exception(error)
        if not channel.is_open:
            raise
