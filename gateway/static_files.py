"""Static files by address and content: a browser keeps them for a year, a change has a new address."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import url_for

STATIC = Path(__file__).parent / "static"


def versioned(name: str) -> str:
    return url_for("static", filename=name, v=_version(name))


@cache
def _version(name: str) -> str:
    return sha256((STATIC / name).read_bytes()).hexdigest()[:10]
