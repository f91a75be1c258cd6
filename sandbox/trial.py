"""The world outside a portal that is tried: its people, officials of two agencies, a post office's clerk."""

import json
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.resources import files

from chassis.up.trial import Setting
from sandbox import people
from sandbox.commands import play
from sandbox.demo_agency.desk import Desk
from sandbox.demo_agency.portal import Credentials, Portal
from sandbox.relying_party.pages import HOME
from sandbox.relying_party.registering import register

LOGIN_IS_TAKEN = 3
PAUSE_SECONDS = 3.0


@dataclass(frozen=True)
class Official:
    agency: str
    office: str
    login: str
    full_name: str
    phone: str

    def create(self, password: str) -> None:
        who = ["--login", self.login, "--name", self.full_name, "--phone", self.phone]
        create("official", ["--agency", self.agency, *who], password)


@dataclass(frozen=True)
class Clerk:
    office: str
    login: str
    full_name: str
    phone: str

    def create(self, password: str) -> None:
        who = ["--login", self.login, "--name", self.full_name, "--phone", self.phone]
        create("clerk", ["--office", self.office, *who], password)


def create(command: str, options: list[str], password: str) -> None:
    """By the command an operator would use. Nothing happens when the login is there already."""
    from chassis.cli import main

    os.environ["MOTCUA_PASSWORD"] = password
    try:
        main.main([command, "create", *options], standalone_mode=False)
    except SystemExit as end:
        if end.code != LOGIN_IS_TAKEN:
            raise


def listed(name: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(files("sandbox").joinpath("data", name).read_text("utf-8"))
    return found


class Trial:
    def __init__(self, setting: Setting) -> None:
        self._at = setting
        officials = [Official(**entry) for entry in listed("officials.json")]
        clerks = [Clerk(**entry) for entry in listed("clerks.json")]
        self._passwords = {official: setting.secret(f"official {official.login}") for official in officials}
        self._clerks = {clerk: setting.secret(f"clerk {clerk.login}") for clerk in clerks}

    def outside(self, door: socket.socket) -> None:
        play(f"fd://{door.detach()}", self._at.var / "sandbox", self._at.sandbox_url)

    def prepare(self) -> None:
        for official, password in self._passwords.items():
            official.create(password)
        for clerk, password in self._clerks.items():
            clerk.create(password)
        if self._at.portal_url:
            register(self._at.portal_url, self._at.sandbox_url, self._at.var / "sandbox")

    def demo(self) -> Mapping[str, Callable[[], object]]:
        """Each agency's office, which decides whatever it gets."""
        return {f"demo-agency-{o.agency}": partial(self._decide, o) for o in self._passwords}

    def _decide(self, official: Official) -> None:
        device = self._at.var / "sandbox" / f"device of {official.login}"
        who = Credentials(official.login, self._passwords[official], official.phone, device)
        portal = Portal(self._at.portal_url, self._at.sandbox_url, who)
        Desk(portal, PAUSE_SECONDS, partial(print, flush=True)).work()

    def text(self) -> str:
        elsewhere = f"Sign in elsewhere with an account of the portal: {self._at.sandbox_url}{HOME}"
        return "\n".join([*self._people(), "", *self._officials(), "", *self._counter(), "", elsewhere])

    def _people(self) -> list[str]:
        rows = [
            f"  {person.full_name:<22}{person.id_number:<15}{person.date_of_birth:%d/%m/%Y}   {person.phone}"
            for person in people.named().values()
        ]
        head = f"  {'full name':<22}{'ID number':<15}{'born':<13}phone"
        return ["Register as one of these people; the code comes as an SMS to the sandbox:", head, *rows]

    def _officials(self) -> list[str]:
        rows = [
            f"  {official.agency:<6}{official.login:<12}{password:<26}{official.phone:<13}{official.office}"
            for official, password in self._passwords.items()
        ]
        head = f"  {'':<6}{'login':<12}{'password':<26}{'phone':<13}agency"
        return ["Or log in as an official and decide dossiers:", head, *rows]

    def _counter(self) -> list[str]:
        rows = [
            f"  {clerk.office:<6}{clerk.login:<12}{password:<26}{clerk.phone:<13}Bưu cục {clerk.office}"
            for clerk, password in self._clerks.items()
        ]
        return ["Or log in as a post office's clerk and check ID cards:", *rows]
