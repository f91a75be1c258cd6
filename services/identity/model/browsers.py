"""What a browser says of itself, kept no finer than an owner needs to know their own device again."""

import re

LONGEST = 400
# The first that is found counts: most browsers also name those they descend from.
BROWSERS = (
    ("Cốc Cốc", r"coc_coc_browser"),
    ("Edge", r"Edg(e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/"),
    ("Safari", r"Version/[\d.]+ .*Safari/"),
)
SYSTEMS = (
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("macOS", r"Macintosh"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux|X11"),
)


def family(user_agent: str | None) -> str | None:
    """Such as `Chrome, Android`: never a version or a model. None for what is no known browser."""
    said = (user_agent or "")[:LONGEST]
    parts = [name for name in (_first(BROWSERS, said), _first(SYSTEMS, said)) if name]
    return ", ".join(parts) or None


def _first(known: tuple[tuple[str, str], ...], said: str) -> str | None:
    return next((name for name, pattern in known if re.search(pattern, said)), None)
