"""The ways to prove who one is, as data: what the cards of the registration pages say is in the texts.

`slug` is the address of the form, `asks` what a citizen's form holds beside what all hold; `open` opens.
"""

from gateway.backend import Json

PLACES = {"citizen": "cong-dan", "business": "doanh-nghiep"}
KINDS = {place: kind for kind, place in PLACES.items()}
CITIZEN = ("citizen",)
BOTH = ("citizen", "business")

METHODS: list[Json] = [
    {"id": "phone", "slug": "dien-thoai", "kinds": CITIZEN, "level": "medium", "open": True, "icon": "phone"},
    {
        "id": "social-insurance",
        "slug": "bao-hiem-xa-hoi",
        "kinds": CITIZEN,
        "asks": ("social_insurance_number",),
        "level": "medium",
        "open": True,
        "icon": "card",
    },
    {"id": "post", "slug": "buu-dien", "kinds": CITIZEN, "level": "medium", "open": True, "icon": "post"},
    {"id": "usb-token", "slug": "usb", "kinds": BOTH, "level": "high", "open": True, "icon": "key"},
    {"id": "sim-pki", "slug": "sim", "kinds": BOTH, "level": "high", "open": True, "icon": "shield"},
]


def of(kind: str) -> list[Json]:
    return [method for method in METHODS if kind in method["kinds"]]


def by(kind: str, **named: str) -> Json | None:
    """The method of that `id` or `slug`, where this kind of applicant may use it."""
    return next((each for each in of(kind) if named.items() <= each.items()), None)


def address(kind: str, method: Json) -> str:
    """Where the card leads: to the form, or to what will be needed."""
    place = f"/dang-ky/{PLACES[kind]}"
    return f"{place}/{method['slug']}" if method["open"] else f"{place}/sap-co/{method['id']}"
