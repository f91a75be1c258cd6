"""HTTP calls to the portal: tried again where that is safe, problems as exceptions."""

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import urllib3
from urllib3.exceptions import HTTPError

from motcua_agency.backoff import BackOff
from motcua_agency.errors import AwayError, ProblemError

log = logging.getLogger("motcua_agency")

TRIES = 5
MOST_PATIENCE_SECONDS = 60.0
BUSY = {429, 502, 503, 504}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    json: Any


class Http:
    """`url` is the portal's, such as `https://motcua.example`. Safe in several threads."""

    def __init__(self, url: str, timeout: float = 30.0) -> None:
        self._base = url.rstrip("/") + "/api/v1"
        self._pool = urllib3.PoolManager(timeout=urllib3.Timeout(connect=10.0, read=timeout), retries=False)

    def call(self, method: str, path: str, headers: Mapping[str, str] = {}, **given: Any) -> Answer:
        """`given`: `json` or `fields`, as urllib3 takes them. Only for what may be done twice.

        ProblemError for an answer of 400 and more; AwayError when there was none after several tries.
        """
        answer = self.open(method, path, headers, **given)
        told = _json(answer.data)
        if told is None and answer.status != 204:
            raise _problem(answer)
        return Answer(answer.status, answer.headers, told)

    def close(self) -> None:
        self._pool.clear()

    def open(self, method: str, path: str, headers: Mapping[str, str] = {}, **given: Any) -> Any:
        """As call, but the answer is urllib3's: with `preload_content=False` its body is still to be read."""
        pause = BackOff(first=0.5, most=8.0)
        problem: AwayError | ProblemError
        for left in reversed(range(TRIES)):
            try:
                answer = self._pool.request(
                    method, self._base + path, headers=headers, redirect=False, **given
                )
            except HTTPError as error:
                wait, problem = pause.next(), AwayError(f"{method} {path}: {type(error).__name__}")
            else:
                if answer.status not in BUSY:
                    return _good(answer)
                wait, problem = _patience(answer, pause.next()), _problem(answer)
            if not left:
                raise problem
            log.info("%s, again in %.1f s", problem, wait)
            time.sleep(wait)
        raise AssertionError


def _patience(answer: Any, otherwise: float) -> float:
    """Seconds, as the portal asks for them."""
    asked = answer.headers.get("Retry-After", "")
    return min(float(asked), MOST_PATIENCE_SECONDS) if asked.isascii() and asked.isdigit() else otherwise


def _good(answer: Any) -> Any:
    if answer.status >= 300:
        raise _problem(answer)
    return answer


def _problem(answer: Any) -> AwayError | ProblemError:
    told = _json(answer.data)
    answer.release_conn()
    if not isinstance(told, dict):
        told = {}
    code = told.get("code") or told.get("error") or "unexpected-answer"
    detail = told.get("detail") or told.get("error_description") or ""
    problem = ProblemError(answer.status, str(code), str(detail), told.get("request_id"))
    return AwayError(str(problem)) if answer.status in BUSY else problem


def _json(body: bytes) -> Any:
    try:
        return json.loads(body or b"null")
    except ValueError:
        return None
