"""Each command that the documents show for a portal in containers is run, as it is written there."""

import re
from pathlib import Path

import pytest

from tests.deploy.installation import COMPOSE, ROOT, Installation
from tests.system.portal import eventually

BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
TAKES_IT_AWAY = "make down"


def commands() -> list[str]:
    """Of the sections about containers, in order."""
    return [
        line.partition("  #")[0].strip()
        for document in ("README.md", "docs/operating.md")
        for block in BLOCK.findall(section(ROOT / document))
        for line in block.splitlines()
        if line.strip()
    ]


def section(document: Path) -> str:
    text = document.read_text(encoding="utf-8")
    return text.split("## In containers\n", 1)[1].split("\n## ", 1)[0]


def test_the_documents_show_commands() -> None:
    assert len(commands()) > 12
    assert TAKES_IT_AWAY in commands()


@pytest.mark.parametrize("command", [each for each in commands() if each != TAKES_IT_AWAY])
def test_it_does_what_it_is_shown_for(installation: Installation, command: str) -> None:
    """`make down` is how every run of these tests ends. They are typed without a terminal here: `exec -T`."""
    typed = command.replace("docker-compose ", f"{' '.join(COMPOSE)} ", 1).replace(" exec ", " exec -T ", 1)
    said = installation.shell("sh", "-c", typed)
    assert "Traceback" not in said
    eventually(lambda: installation.http.request("GET", f"{installation.public_url}/livez").status == 200)
