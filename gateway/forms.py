"""Forms: the CSRF token, the Origin check, and reading what people type."""

import re
import secrets
from datetime import date
from urllib.parse import urlsplit

from flask import request, session

from gateway.backend import Problem, here

DATE_VN = re.compile(r"(\d{1,2})\s*[/.\- ]\s*(\d{1,2})\s*[/.\- ]\s*(\d{4})")
DATE_RUN = re.compile(r"(\d{2})(\d{2})(\d{4})")
FROM_ELSEWHERE = ("/api/v1/", "/oauth2/authorize")
"""Where other sites may post to: a request to sign in does nothing until the person has answered our page."""
DATE_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


def csrf_token() -> str:
    """The token every form of ours carries; kept in the signed session cookie."""
    if "csrf" not in session:
        session["csrf"] = secrets.token_urlsafe(24)
    return str(session["csrf"])


def check() -> None:
    """Every POST to a page comes from a page of ours. Problem 403 when not."""
    if request.method in ("GET", "HEAD", "OPTIONS") or request.path.startswith(FROM_ELSEWHERE):
        return
    if not _same_origin():
        raise Problem(403, "other-origin", "")
    sent = request.form.get("csrf", "")
    if not secrets.compare_digest(sent.encode(), str(session.get("csrf", "")).encode()) or not sent:
        raise Problem(403, "csrf", "")


def _same_origin() -> bool:
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    return urlsplit(origin).netloc in {request.host, urlsplit(here().settings.public_url).netloc}


def digits(name: str) -> str:
    """Of what was typed, however it was spaced."""
    return "".join(letter for letter in typed(name) if letter.isdigit())


def typed(name: str) -> str:
    """What was typed into a field, without the spaces around it."""
    return request.form.get(name, "").strip()


def parse_date(text: str) -> str | None:
    """3/2/1999, 03.02.1999, 03021999 or 1999-02-03 as ISO; None when it is no date."""
    text = text.strip()
    if found := DATE_ISO.fullmatch(text):
        year, month, day = found.groups()
    elif found := DATE_VN.fullmatch(text) or DATE_RUN.fullmatch(text):
        day, month, year = found.groups()
    else:
        return None
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def local_path(wanted: str | None, otherwise: str = "/") -> str:
    """`wanted` when it is a path of this portal, `otherwise` when it leads anywhere else."""
    if not wanted or not wanted.startswith("/") or wanted.startswith(("//", "/\\")):
        return otherwise
    if any(ord(letter) < 32 for letter in wanted) or "\\" in wanted:
        return otherwise
    return wanted
