"""What is still to come, as data: its page is there already, and it is found like what is there."""

import re
from dataclasses import dataclass

from gateway import language, texts
from vocabulary.people import fold

WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True)
class Coming:
    """`events` are the slugs it is listed under; what it is called is in the texts `coming.<name>`."""

    name: str
    address: str
    audiences: tuple[str, ...] = ("citizen", "business")
    events: tuple[str, ...] = ()

    @property
    def known_by(self) -> list[str]:
        """Words of both languages."""
        keys = (f"coming.{self.name}.title", f"coming.{self.name}.keywords")
        return words(" ".join(texts.load(each)[key] for each in language.LANGUAGES for key in keys))


def words(text: str) -> list[str]:
    return WORD.findall(fold(text))


FINES = Coming("fines", "/nop-phat", ("citizen",), ("phuong-tien-va-nguoi-lai",))
PAYMENTS = Coming("payments", "/thanh-toan")
PETITIONS = Coming("petitions", "/phan-anh")
ALL = (FINES, PAYMENTS, PETITIONS)


def listed(audience: str, event: str, q: str) -> list[Coming]:
    """Those of an event, or those a search finds; without either none, for they are no procedures."""
    asked = words(q)
    return [
        each
        for each in ALL
        if audience in ("", *each.audiences)
        and (asked or (event and not q))
        and (not event or event in each.events)
        and all(any(known.startswith(word) for known in each.known_by) for word in asked)
    ]
