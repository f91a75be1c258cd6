"""The ways to prove who one is, as data: what the cards of the registration pages say is in the texts."""

from gateway.backend import Json

METHODS: list[Json] = [
    {"id": "phone", "kinds": ("citizen",), "level": "medium", "open": True, "icon": "phone"},
    {"id": "social-insurance", "kinds": ("citizen",), "level": "medium", "open": False, "icon": "card"},
    {"id": "post", "kinds": ("citizen",), "level": "medium", "open": False, "icon": "post"},
    {"id": "usb-token", "kinds": ("citizen", "business"), "level": "high", "open": False, "icon": "key"},
    {"id": "sim-pki", "kinds": ("citizen", "business"), "level": "high", "open": False, "icon": "shield"},
]
