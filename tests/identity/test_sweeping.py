from datetime import timedelta

from sqlalchemy import func, select

from chassis.tables import data_keys
from chassis.testing import ServiceUnderTest
from services.identity import tables
from tests.identity.portal import NGOC, Portal, person


def rows(identity: ServiceUnderTest) -> dict[str, int]:
    with identity.units() as uow:
        return {
            table.name: uow.session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (*tables.metadata.sorted_tables, data_keys)
        }


def test_what_has_expired_is_swept_with_its_data_key(portal: Portal, identity: ServiceUnderTest) -> None:
    portal.started()
    portal.get("/captcha/picture")
    assert rows(identity)["data_keys"] == 1
    portal.wait(days=2)
    assert identity.tick("sweep") > 0
    assert identity.tick("sweep") == 0
    assert set(rows(identity).values()) == {0}


def test_accounts_and_what_is_still_good_stay(portal: Portal, identity: ServiceUnderTest) -> None:
    portal.account()
    tokens = portal.session()
    pending = portal.started(person(NGOC))
    before = rows(identity)
    assert identity.tick("sweep") == 0
    assert rows(identity) == before
    assert portal.confirm(pending, portal.code()).status_code == 200
    assert portal.refresh(tokens["refresh_token"]).status_code == 201


def test_an_ended_registration_keeps_no_copy_of_the_person(
    portal: Portal, identity: ServiceUnderTest
) -> None:
    portal.account()
    assert rows(identity)["data_keys"] == 1, "the account's own"
    identity.clock.move(timedelta(hours=1))
    identity.tick("sweep")
    left = rows(identity)
    assert (left["accounts"], left["registrations"], left["data_keys"]) == (1, 0, 1)
