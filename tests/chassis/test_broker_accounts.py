"""`motcua bus apply|check` and the services' own accounts, on a RabbitMQ of its own."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pika
import pytest
import urllib3
from click.testing import CliRunner, Result
from pika.exceptions import ProbableAuthenticationError

from chassis import service as services
from chassis.broker import accounts, rights
from chassis.broker.accounts import Account
from chassis.broker.admin import BrokerAdmin
from chassis.cli import main
from tests import servers
from tests.chassis.test_broker import found

GIVEN = {name: f"pässword of {name}: /?#@%" for name in services.names()}
OURS = {f"motcua-{name}" for name in GIVEN}
EVERYTHING = {"configure": ".*", "write": ".*", "read": ".*"}


@dataclass(frozen=True)
class Operator:
    broker: servers.RabbitMQ

    def bus(self, *words: str, **changes: str) -> Result:
        """`motcua bus <words>`, with changes to its environment."""
        usual = {
            "AMQP_URL": self.broker.url,
            "RABBITMQ_MANAGEMENT_URL": self.broker.management_url,
            "BROKER_ACCOUNTS": json.dumps(GIVEN),
        }
        return CliRunner().invoke(main, ["bus", *words], env=usual | changes)

    def done(self, *words: str, **changes: str) -> list[str]:
        result = self.bus("apply", *words, "-o", "json", **changes)
        assert result.exit_code == 0, result.output
        steps: list[str] = json.loads(result.output)["done"]
        return steps

    def findings(self, severity: str = "wrong") -> dict[str, str]:
        """About accounts, by where."""
        all_of_them = found(self.bus("check", "-o", "json"), severity)
        return {where: what for where, what in all_of_them.items() if where.startswith("account ")}

    def call(self, method: str, path: str, body: object = None) -> Any:
        parts = urllib3.util.parse_url(self.broker.management_url)
        headers = urllib3.make_headers(basic_auth=parts.auth) | {"Content-Type": "application/json"}
        at = f"{parts._replace(auth=None).url.rstrip('/')}/api/{path}"
        content = None if body is None else json.dumps(body)
        answer = urllib3.request(method, at, body=content, headers=headers)
        assert answer.status < 300, (method, path, answer.status, answer.data)
        return json.loads(answer.data) if answer.data else None

    def accounts(self) -> dict[str, dict[str, Any]]:
        return {each["name"]: each for each in self.call("GET", "users")}

    def knows(self, account: str, password: str) -> bool:
        parts = urlsplit(self.broker.url)
        login = pika.PlainCredentials(account, password)
        try:
            pika.BlockingConnection(pika.ConnectionParameters(parts.hostname, parts.port, "/", login)).close()
        except ProbableAuthenticationError:
            return False
        return True


@pytest.fixture
def operator(broker_of_its_own: servers.RabbitMQ, monkeypatch: pytest.MonkeyPatch) -> Operator:
    """Whose accounts are as they were made."""
    for name in services.names():
        monkeypatch.delenv(f"{name.upper()}_DATABASE_URL", raising=False)
    made = Operator(broker_of_its_own)
    made.done()
    return made


def test_a_bare_broker_gets_an_account_for_each_service_after_all_else(operator: Operator) -> None:
    for name in OURS:
        operator.call("DELETE", f"users/{name}")
    assert operator.findings() == {f"account {name}": "is missing" for name in OURS}
    assert "mend: motcua bus apply" in operator.bus("check").output
    operator.call("DELETE", "exchanges/%2F/motcua.filling")
    steps = operator.done()
    assert steps[0] == "made exchange motcua.filling"
    assert [step for step in steps if step.startswith("made account")] == [
        f"made account {name}" for name in sorted(OURS)
    ]
    assert operator.findings() == {}
    assert all(operator.knows(f"motcua-{name}", password) for name, password in GIVEN.items())
    assert {tag for name in OURS for tag in operator.accounts()[name]["tags"]} == set()


def test_applying_again_changes_nothing(operator: Operator) -> None:
    before = operator.accounts()
    assert operator.done() == []
    assert "Nothing to do" in operator.bus("apply").output
    assert operator.accounts() == before, "not even a salt"


def test_a_changed_password_takes_effect_and_the_old_one_is_dead(operator: Operator) -> None:
    newer = GIVEN | {"dossier": "another"}
    before = operator.accounts()
    assert operator.done(BROKER_ACCOUNTS=json.dumps(newer)) == ["set the password of motcua-dossier"]
    assert operator.knows("motcua-dossier", "another")
    assert not operator.knows("motcua-dossier", GIVEN["dossier"])
    after = operator.accounts()
    assert {name for name in after if after[name] != before[name]} == {"motcua-dossier"}
    assert operator.findings() == {"account motcua-dossier": "has another password than it should, or tags"}


def test_the_passwords_may_come_from_a_file(operator: Operator, tmp_path: Any) -> None:
    kept = tmp_path / "broker_accounts"
    kept.write_text(json.dumps(GIVEN) + "\n")
    assert operator.done(BROKER_ACCOUNTS="", BROKER_ACCOUNTS_FILE=str(kept)) == []


@pytest.mark.parametrize(
    ("path", "body", "what"),
    [
        ("permissions/%2F/motcua-notify", EVERYTHING, "may configure, write, read something else"),
        (
            "topic-permissions/%2F/motcua-notify",
            {"exchange": "motcua.events", "write": ".*", "read": ".*"},
            "may use keys of motcua.events that are not its own",
        ),
        ("users/motcua-notify", {"password": GIVEN["notify"], "tags": "administrator"}, "or tags"),
    ],
)
def test_rights_that_grew_are_found_and_taken_back(
    operator: Operator, path: str, body: object, what: str
) -> None:
    operator.call("PUT", path, body)
    ((where, told),) = operator.findings().items()
    assert (where, what in told) == ("account motcua-notify", True), told
    assert len(operator.done()) == 1
    assert operator.findings() == {}


@pytest.mark.parametrize("kind", ["permissions", "topic-permissions"])
def test_rights_that_are_gone_are_found_and_given_again(operator: Operator, kind: str) -> None:
    """Without rights for keys every key would be open."""
    operator.call("DELETE", f"{kind}/%2F/motcua-dossier")
    assert operator.findings().keys() == {"account motcua-dossier"}
    operator.done()
    assert operator.findings() == {}


def test_strangers_among_our_names_are_told_and_taken_away_only_when_asked(operator: Operator) -> None:
    """Never an operator's, who may be asking, and none that another portal on this broker may need."""
    strangers = {
        "motcua-petition": "",
        "motcua-elsewhere": "",
        "motcua-operator": "administrator",
        "motcua-watcher": "monitoring",
    }
    for name, tags in {**strangers, "agency-H01": ""}.items():
        operator.call("PUT", f"users/{name}", {"password": "x", "tags": tags})
    operator.call("PUT", "vhosts/another")
    operator.call("PUT", "permissions/another/motcua-elsewhere", EVERYTHING)
    operator.call("PUT", "permissions/%2F/motcua-petition", EVERYTHING)
    told = operator.findings("warning")
    assert told == {f"account {name}": "is none of ours" for name in strangers}
    assert "if nobody needs it: rabbitmqctl delete_user motcua-operator" in operator.bus("check").output
    assert operator.done() == []
    operator.call("PUT", "permissions/%2F/motcua-operator", EVERYTHING)
    asking = urllib3.util.parse_url(operator.broker.management_url)._replace(auth="motcua-operator:x").url
    assert operator.done("--prune", RABBITMQ_MANAGEMENT_URL=asking) == ["deleted account motcua-petition"]
    assert operator.done("--prune") == []
    kept = {*strangers, "agency-H01"} - {"motcua-petition"}
    assert operator.accounts().keys() >= {*kept, *OURS}
    operator.call("DELETE", "vhosts/another")
    for name in kept:
        operator.call("DELETE", f"users/{name}")


def test_the_account_that_everybody_knows_is_told(operator: Operator) -> None:
    operator.call("PUT", "users/guest", {"password": "guest", "tags": "administrator"})
    assert operator.findings("warning").keys() == {"account guest"}
    assert "mend: rabbitmqctl delete_user guest" in operator.bus("check").output
    assert operator.done("--prune") == []
    operator.call("DELETE", "users/guest")
    assert operator.findings("warning") == {}


def test_without_the_setting_accounts_are_not_looked_at(operator: Operator) -> None:
    operator.call("DELETE", "users/motcua-feedback")
    assert operator.done("--prune", BROKER_ACCOUNTS="") == []
    assert "account motcua" not in operator.bus("check", BROKER_ACCOUNTS="").output
    assert "motcua-feedback" not in operator.accounts()


def test_who_may_not_see_accounts_is_told_so(operator: Operator) -> None:
    operator.call("PUT", "users/watcher", {"password": "x", "tags": "monitoring"})
    operator.call("PUT", "permissions/%2F/watcher", EVERYTHING)
    url = urllib3.util.parse_url(operator.broker.management_url)._replace(auth="watcher:x").url
    installed = [services.load(name) for name in services.names()]
    ours = [Account(name, "", rights.of(each, installed)) for name, each in zip(OURS, installed, strict=True)]
    told = list(accounts.check(BrokerAdmin(url, "/"), ours))
    operator.call("DELETE", "users/watcher")
    assert [(each.severity, each.where) for each in told] == [("unseen", "accounts")]
    assert "administrator" in told[0].mend


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("{secret", "is not JSON like"),
        ('["secret"]', "is not JSON like"),
        (json.dumps(GIVEN | {"dossier": ""}), "is not JSON like"),
        (json.dumps(GIVEN | {"dossier": 7}), "is not JSON like"),
        (json.dumps({"identity": "secret"}), "has no password for catalog, dossier, feedback, notify"),
        (json.dumps(GIVEN | {"petition": "secret"}), "names what is no service: petition"),
    ],
)
@pytest.mark.parametrize("command", ["apply", "check"])
def test_a_setting_that_is_wrong_is_refused_before_anything_is_done_and_not_repeated(
    operator: Operator, command: str, given: str, words: str
) -> None:
    result = operator.bus(command, BROKER_ACCOUNTS=given)
    assert (result.exit_code, words in result.output) == (2, True), result.output
    assert "secret" not in result.output
    assert operator.findings() == {}


def test_a_wiped_broker_has_all_again(operator: Operator) -> None:
    operator.broker.wipe()
    assert operator.findings().keys() == {f"account {name}" for name in OURS}
    operator.done()
    assert operator.findings() == {}
    assert all(operator.knows(f"motcua-{name}", password) for name, password in GIVEN.items())
