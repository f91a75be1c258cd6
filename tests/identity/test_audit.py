"""What is done to accounts is written down, and says nothing personal."""

from uuid import UUID

from sqlalchemy import Row, select

from chassis.audit import verifying
from chassis.tables import audit
from chassis.testing import ServiceUnderTest
from services.identity.commands import clients
from tests.identity.portal import AN, Portal, claims, person


def entries(identity: ServiceUnderTest) -> list[Row[tuple[object, ...]]]:
    with identity.units() as uow:
        assert not verifying.verify(uow.session.connection(), "identity", identity.settings.index).faults
        return list(uow.session.execute(select(audit).order_by(audit.c.at)).all())


def test_opening_an_account_and_each_session_is_written_down(
    identity: ServiceUnderTest, portal: Portal
) -> None:
    made = portal.account()
    portal.wait(minutes=2)
    tokens = portal.session()
    portal.wait(minutes=1)
    bearer = identity.headers("citizen", UUID(made["account_id"]), sid=claims(tokens["access_token"])["sid"])
    assert identity.client.delete("/api/v1/sessions/current", headers=bearer).status_code == 204
    found = entries(identity)
    assert [row.deed for row in found] == ["account-opened", "session-opened", "session-ended"]
    assert {str(row.whose) for row in found} == {str(row.actor) for row in found} == {made["account_id"]}
    assert found[0].details == '{"method":"phone"}'


def test_a_stolen_refresh_token_is_written_down_as_what_ended_the_session(
    identity: ServiceUnderTest, portal: Portal
) -> None:
    portal.account()
    portal.wait(minutes=2)
    first = portal.session()["refresh_token"]
    portal.wait(minutes=1)
    assert portal.refresh(first).status_code == 201
    portal.wait(minutes=1)
    for _ in range(2):
        assert portal.refresh(first).status_code == 401
    ended = [row for row in entries(identity) if row.deed == "session-ended"]
    assert [(row.kind, row.details) for row in ended] == [("service", '{"because":"reuse"}')]


def test_clients_of_the_api_are_written_down_once(identity: ServiceUnderTest) -> None:
    with identity.units() as uow:
        client, _ = clients.create(uow, "H01", "back office")
    for _ in range(2):
        with identity.units() as uow:
            clients.revoke(uow, client.id)
    assert sorted((row.deed, row.about) for row in entries(identity)) == [
        ("client-made", str(client.id)),
        ("client-revoked", str(client.id)),
    ]


def test_the_log_names_nobody(identity: ServiceUnderTest, portal: Portal) -> None:
    portal.account()
    portal.wait(minutes=2)
    portal.session()
    written = " ".join(str(row) for row in entries(identity))
    for personal in (AN, *person().values()):
        assert str(personal) not in written
