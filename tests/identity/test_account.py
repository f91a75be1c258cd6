from uuid import UUID

from chassis.testing import ServiceUnderTest
from tests.identity.portal import AN, Portal, person, refused


def test_the_account_shows_its_owner_who_they_are_and_hides_most_of_the_phone(
    portal: Portal, identity: ServiceUnderTest
) -> None:
    made = portal.account()
    answer = portal.get("/account", identity.as_citizen(UUID(made["account_id"])))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.get_json() == {
        "account_id": made["account_id"],
        "kind": "citizen",
        "login": AN,
        "full_name": "Nguyễn Văn An",
        "date_of_birth": "1999-02-03",
        "phone": "091•••••17",
        "email": "an@example.test",
        "assurance": "medium",
        "proofs": [{"method": "phone", "assurance": "medium", "at": identity.clock.now.isoformat()}],
        "organisation": None,
        "acting_for": None,
        "agency": None,
        "roles": [],
    }


def test_an_account_without_an_e_mail_address_says_so(portal: Portal, identity: ServiceUnderTest) -> None:
    made = portal.account(person("048203000039", email=""))
    answer = portal.get("/account", identity.as_citizen(UUID(made["account_id"])))
    assert answer.get_json()["email"] is None


def test_the_account_is_for_people_logged_in(portal: Portal, identity: ServiceUnderTest) -> None:
    refused(portal.get("/account"), 401, "not-authenticated")
    refused(portal.get("/account", identity.as_agency("H01")), 403, "not-allowed")
    refused(portal.get("/account", identity.as_citizen()), 401, "session-ended")
