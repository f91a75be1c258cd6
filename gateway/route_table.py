"""routes.toml: prefix -> service. Loaded once, checked when loaded."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

ROUTES = Path(__file__).with_name("routes.toml")


def load(path: Path = ROUTES) -> dict[str, str]:
    """Prefix -> service. ValueError when a prefix is written oddly or belongs to two services."""
    table: dict[str, str] = {}
    for service, entry in tomllib.loads(path.read_text("utf-8")).items():
        for prefix in entry["prefixes"]:
            _check(prefix, table)
            table[prefix] = service
    return table


def once(path: Path = ROUTES) -> frozenset[str]:
    """Prefixes below which every POST with an Idempotency-Key is done once, however often it comes."""
    entries = tomllib.loads(path.read_text("utf-8")).values()
    return frozenset(prefix for entry in entries for prefix in entry.get("once", []))


def service_of(table: Mapping[str, str], path: str) -> str | None:
    """The service for a path below /api/v1, by its first one or two segments; None when nobody's."""
    segments = path.split("/")
    if {".", ".."} & set(segments):
        return None
    longer, shorter = "/".join(segments[:3]), "/".join(segments[:2])
    return table.get(longer) or table.get(shorter) if len(segments) > 1 else None


def _check(prefix: str, table: Mapping[str, str]) -> None:
    if not re.fullmatch(r"(/[a-z0-9-]+){1,2}", prefix):
        raise ValueError(f"routes.toml: {prefix!r} must be one segment or two, written /like-this")
    if prefix in table:
        raise ValueError(f"routes.toml: {prefix!r} belongs to {table[prefix]} already")
