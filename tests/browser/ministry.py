"""The sandbox's relying party, registered with the portal under test as an operator would."""

import json
from dataclasses import asdict
from functools import cache

from sandbox.relying_party.client import FILE, SCOPE, Registered
from sandbox.relying_party.pages import HOME
from tests.system.portal import Portal

NAME = "Bộ Ví dụ"


@cache
def registered(portal: Portal) -> Registered:
    """Once for a portal; the sandbox finds it in its folder."""
    home = portal.url("sandbox") + HOME
    scopes = [word for scope in SCOPE.split() for word in ("--scope", scope)]
    addresses = ["--redirect-uri", home + "/ve", "--post-logout-redirect-uri", home]
    addresses += ["--backchannel-logout-uri", home + "/het"]
    printed = portal.run("relying-party", "create", "--name", NAME, *addresses, *scopes).stdout
    told = dict(line.split(": ", 1) for line in printed.splitlines())
    made = Registered(portal.url("gateway"), told["client_id"], told["client_secret"], home + "/ve", home)
    folder = portal.folder / "sandbox"
    folder.mkdir(exist_ok=True)
    (folder / FILE).write_text(json.dumps(asdict(made)), "utf-8")
    return made
