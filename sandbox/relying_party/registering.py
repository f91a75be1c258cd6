"""Being registered with the portal, by the commands an operator would use."""

import io
import json
from contextlib import redirect_stdout
from dataclasses import asdict
from pathlib import Path

from sandbox.relying_party.client import FILE, SCOPE, Registered
from sandbox.relying_party.pages import HOME

NAME = "Bộ Ví dụ"


def register(portal_url: str, sandbox_url: str, folder: Path) -> None:
    """Nothing happens when the portal knows us already, by these addresses."""
    home = sandbox_url + HOME
    known = Registered.read(folder)
    if known and (known.issuer, known.home) == (portal_url, home) and _is_open(known.client_id):
        return
    addresses = ["--redirect-uri", home + "/ve", "--post-logout-redirect-uri", home]
    addresses += ["--backchannel-logout-uri", home + "/het"]
    scopes = [word for scope in SCOPE.split() for word in ("--scope", scope)]
    printed = _motcua("create", "--name", NAME, *addresses, "--sector", "vi-du.example", *scopes)
    told = dict(line.split(": ", 1) for line in printed.splitlines())
    made = Registered(portal_url, told["client_id"], told["client_secret"], home + "/ve", home)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / FILE
    file.touch(mode=0o600)
    file.write_text(json.dumps(asdict(made)), "utf-8")


def _is_open(client_id: str) -> bool:
    found = json.loads(_motcua("list", "-o", "json"))
    return any(each["client_id"] == client_id and not each["revoked_at"] for each in found)


def _motcua(*words: str) -> str:
    from chassis.cli import main

    with redirect_stdout(io.StringIO()) as printed:
        main.main(["relying-party", *words], standalone_mode=False)
    return printed.getvalue()
