"""Which language the reader gets: the cookie `lang`, set by ?lang=, Vietnamese first."""

from flask import Response, current_app, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

LANGUAGES = ("vi", "en")
COOKIE = "lang"
YEAR = 365 * 24 * 3600


def current() -> str:
    """`vi` or `en`."""
    chosen: str = g.get("language") or _chosen()
    return chosen


def _chosen() -> str:
    if request.path.startswith("/api/v1/"):
        g.language = request.accept_languages.best_match(LANGUAGES, "vi")
    else:
        cookie = request.cookies.get(COOKIE)
        g.language = cookie if cookie in LANGUAGES else "vi"
    return str(g.language)


def switch() -> AnyResponse | None:
    """?lang=en keeps the choice in a cookie and leaves the address without it."""
    wanted = request.args.get("lang")
    if wanted not in LANGUAGES or request.method != "GET" or request.path.startswith("/api/v1/"):
        return None
    answer = redirect(_without_lang())
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    answer.set_cookie(COOKIE, wanted, max_age=YEAR, samesite="Lax", secure=secure, httponly=True)
    return answer


def address_in(wanted: str) -> str:
    """This page's address, asking for the other language."""
    kept = _query_without_lang()
    return f"{request.path}?{kept}&lang={wanted}" if kept else f"{request.path}?lang={wanted}"


def _without_lang() -> str:
    kept = _query_without_lang()
    return f"{request.path}?{kept}" if kept else request.path


def _query_without_lang() -> str:
    parts = request.query_string.decode("utf-8", "replace").split("&")
    return "&".join(part for part in parts if part and not part.startswith("lang="))


def mark(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.headers["Content-Language"] = current()
    return response
