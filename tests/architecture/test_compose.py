"""The compose files say the same as the code: services, settings, secrets. `make test-deploy` runs them."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from chassis import service as services
from chassis.installation.folder import Folder, fill
from tests.servers import base_images, containers

ROOT = Path(__file__).parents[2]
STORES = {"postgres", "rabbitmq"}


def read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
    return content


COMPOSE = read("docker-compose.yml")
OURS = {name: each for name, each in COMPOSE["services"].items() if name not in STORES}


def mounted(service: dict[str, Any]) -> set[str]:
    return {each if isinstance(each, str) else each["source"] for each in service.get("secrets", [])}


def test_each_service_is_migrated_and_has_its_two_roles() -> None:
    roles = {
        f"{role}{name}{kind}"
        for name in services.names()
        for role, kind in (("migrate-", ""), ("", "-api"), ("", "-worker"))
    }
    assert roles == {
        name for name in OURS if name.endswith(("-api", "-worker")) or name.startswith("migrate-")
    }


def test_every_secret_that_is_mounted_is_made_and_every_one_made_is_mounted(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    fill(folder, services.names(), ["localhost"])
    files = {name: each["file"] for name, each in COMPOSE["secrets"].items()}
    assert {name for name, file in files.items() if not file.endswith(f"/{name}")} == set()
    agencies = read("docker-compose.agencies.yml")["secrets"].keys()
    for_people = {"portal_authority.crt", "broker_authority.crt"}
    assert set(folder.made) == files.keys() | agencies | for_people


@pytest.mark.parametrize("name", OURS)
def test_a_setting_from_a_file_has_its_secret_and_no_secret_is_mounted_for_nothing(name: str) -> None:
    environment = OURS[name].get("environment", {})
    prefix = "/run/secrets/"
    asked = {
        str(value).removeprefix(prefix) for value in environment.values() if str(value).startswith(prefix)
    }
    assert mounted(OURS[name]) == asked


@pytest.mark.parametrize("name", OURS)
def test_no_service_is_given_the_keys_of_another(name: str) -> None:
    if name in {"tools", "databases"}:
        return
    owner = next((service for service in services.names() if service in name), "gateway")
    others = {f"{other}_" for other in services.names() if other != owner}
    assert [secret for secret in mounted(OURS[name]) if secret.startswith(tuple(others))] == []


@pytest.mark.parametrize("name", OURS)
def test_everything_of_ours_is_confined_and_limited(name: str) -> None:
    ours = OURS[name]
    assert ours["read_only"] is True
    assert ours["cap_drop"] == ["ALL"]
    assert ours["security_opt"] == ["no-new-privileges:true"]
    assert ours["mem_limit"]
    assert ours["pids_limit"]


def test_nothing_is_published_but_the_gateway_and_for_agencies_the_brokers_door_with_tls() -> None:
    assert {name for name, each in COMPOSE["services"].items() if "ports" in each} == {"gateway"}
    for file, ports in (
        ("docker-compose.agencies.yml", ["${LISTEN:-127.0.0.1}:${AMQPS_PORT:-5671}:5671"]),
        ("docker-compose.sandbox.yml", ["127.0.0.1:${SANDBOX_PORT:-8001}:8001"]),
        ("docker-compose.proxy.yml", []),
    ):
        more = [port for each in read(file)["services"].values() for port in each.get("ports", [])]
        assert more == ports


def test_what_lasts_is_started_again_and_stopped_with_patience() -> None:
    lasting = {
        n: e
        for n, e in COMPOSE["services"].items()
        if n in STORES or n == "gateway" or n.endswith(("-api", "-worker"))
    }
    assert {each["restart"] for each in lasting.values()} == {"unless-stopped"}
    assert all(each["stop_grace_period"] for each in lasting.values())


def test_the_images_it_begins_with_are_those_that_tests_make_where_no_registry_answers() -> None:
    stores = {COMPOSE["services"][name]["image"] for name in STORES}
    python = re.search(r"^ARG PYTHON_IMAGE=(\S+)", (ROOT / "deploy/Dockerfile").read_text(), re.MULTILINE)
    assert python
    named = {python[1], *(image.partition(":-")[2].rstrip("}") for image in stores)}
    assert named == {image.name for image in base_images.IMAGES}
    assert named - {python[1]} == {containers.POSTGRES_IMAGE, containers.RABBITMQ_IMAGE}
