"""What every page must keep, whoever sees it and at whatever width."""

from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from playwright.sync_api import BrowserContext, Page, Request

LIMIT = 60_000
FINDINGS = (
    "() => axe.run({resultTypes: ['violations']}).then(found => found.violations.map("
    "each => `${each.id}: ${each.nodes.map(node => node.target.join(' ')).join(', ')}`))"
)
WEIGHT = (
    "() => performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource'))"
    ".reduce((sum, each) => sum + each.encodedBodySize, 0)"
)
TOO_WIDE = (
    "() => document.documentElement.scrollWidth > innerWidth ? [...document.querySelectorAll('body *')]"
    ".filter(e => e.getBoundingClientRect().right > innerWidth + 1).slice(-3)"
    ".map(e => e.outerHTML.slice(0, 90)) : []"
)

LETTER_HEIGHT = 1.55
"""ễ, ữ and ặ stack high: lines nearer than that touch."""
CROWDED = (
    "least => [...document.querySelectorAll('body, body *')].filter(e => !e.closest('svg, kbd, noscript')"
    " && [...e.childNodes].some(n => n.nodeType === 3 && /\\p{L}/u.test(n.data)) && e.checkVisibility()"
    " && !(parseFloat(getComputedStyle(e).lineHeight) / parseFloat(getComputedStyle(e).fontSize) >= least))"
    ".slice(0, 3).map(e => e.outerHTML.slice(0, 90))"
)


def violations(page: Page) -> list[str]:
    """What axe finds wrong, with the places."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(FINDINGS)
    return found


def overflow(page: Page) -> list[str]:
    """What sticks out of the window to the right."""
    found: list[str] = page.evaluate(TOO_WIDE)
    return found


def crowded(page: Page) -> list[str]:
    """Words whose lines are too near each other for Vietnamese."""
    found: list[str] = page.evaluate(CROWDED, LETTER_HEIGHT - 0.001)
    return found


def weight(page: Page) -> int:
    """Bytes of the page itself and all it asked for, as sent."""
    return int(page.evaluate(WEIGHT))


def note_hosts(context: BrowserContext, hosts: set[str]) -> None:
    """Every host that pages of this context ask for anything is put into `hosts`."""

    def note(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"}:
            hosts.add(str(parts.netloc))

    context.on("request", note)
