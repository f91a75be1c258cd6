"""Who looks at a page."""

from dataclasses import dataclass

HOMES = {
    "official": ("desk", "/can-bo"),
    "operator": ("operations", "/van-hanh"),
    "auditor": ("operations", "/van-hanh/su-kien"),
}
COUNTER = ("counter", "/buu-cuc")


@dataclass(frozen=True)
class Viewer:
    """Who looks at the page, read from the access token for display; the services check it themselves.

    `acting_for`: whose name they act for by a mandate, "" when it is not known now; None: for themselves.
    """

    account: str
    kind: str
    name: str
    assurance: str
    agency: str | None = None
    roles: frozenset[str] = frozenset()
    acting_for: str | None = None

    @property
    def official(self) -> bool:
        return self.kind == "official"

    @property
    def clerk(self) -> bool:
        """At the counter of a post office: no official of an agency."""
        return "clerk" in self.roles

    @property
    def administrator(self) -> bool:
        """Of an agency's officials."""
        return self.official and "administrator" in self.roles

    @property
    def home(self) -> tuple[str, str]:
        """Where they work or find what is theirs: the text `base.<key>`, and the address."""
        if self.clerk:
            return COUNTER
        if self.roles == {"administrator"}:
            return "desk", "/can-bo/nhan-su"
        return HOMES.get(self.kind, ("account", "/tai-khoan"))
