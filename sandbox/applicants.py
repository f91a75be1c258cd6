"""Test people who send dossiers through the public API, for whoever writes a back office."""

import secrets
from collections.abc import Iterator, Mapping
from itertools import cycle, islice
from typing import Any
from uuid import uuid4

import urllib3

from sandbox.answers import PDF, answers, papers
from sandbox.demo_agency.portal import Away, Credentials, Portal


class Applicants:
    """`url` is the gateway's. Each person is new to the portal and known to the registers."""

    def __init__(self, url: str, sandbox_url: str, procedure: str, agency: str) -> None:
        self._url, self._sandbox = url, sandbox_url.rstrip("/")
        self._procedure, self._agency = procedure, agency

    def send(self, count: int, people: int) -> Iterator[str]:
        """Codes, each once its dossier is submitted. Refused: the portal did not take one."""
        portals = [self._registered(person) for person in self._people(min(people, count))]
        for portal in islice(cycle(portals), count):
            yield self._submit(portal)

    def _people(self, count: int) -> list[Mapping[str, Any]]:
        try:
            url = f"{self._sandbox}/people?count={count}"
            got = urllib3.request("GET", url, retries=False, timeout=10.0)
            found: list[Mapping[str, Any]] = got.json()["items"]
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            raise Away(f"the sandbox does not answer at {self._sandbox}") from error
        return found

    def _registered(self, person: Mapping[str, Any]) -> Portal:
        who = Credentials(person["id_number"], secrets.token_urlsafe(16), person["phone"])
        portal = Portal(self._url, self._sandbox, who)
        told = {name: person[name] for name in ("id_number", "full_name", "date_of_birth", "phone")}
        begun = {"kind": "citizen", "method": "phone", "captcha": portal.captcha(), "person": told}
        started, code = portal.code_after(lambda: portal.ask("POST", "/registrations", begun))
        portal.ask("POST", f"/registrations/{started['id']}/confirmation", {"code": code})
        portal.ask("POST", f"/registrations/{started['id']}/account", {"password": who.password})
        return portal

    def _submit(self, portal: Portal) -> str:
        procedure = portal.ask("GET", f"/procedures/{self._procedure}")
        given = answers(procedure)
        wanted = {"procedure": self._procedure, "agency": self._agency, "form": given}
        draft = portal.call("POST", "/dossiers", wanted).json["id"]
        for document in papers(procedure, given):
            portal.upload(f"/dossiers/{draft}/files", document, f"{document}.pdf", PDF, "application/pdf")
        key = {"Idempotency-Key": uuid4().hex}
        return str(portal.call("POST", f"/dossiers/{draft}/submission", **key).json["code"])
