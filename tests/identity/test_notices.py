import pytest
from sqlalchemy import select

from chassis.tables import audit
from chassis.testing import ServiceUnderTest
from contracts.identity import AccountNotice
from services.identity.commands import notices
from services.identity.model.account import Account
from services.identity.model.browsers import family
from tests.identity.portal import Portal

CHROME = (
    "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Mobile Safari/537.36"
)
PHONE = "(iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "


def told(identity: ServiceUnderTest) -> list[AccountNotice]:
    return identity.announced(AccountNotice)


def test_a_login_on_a_further_device_is_told_to_the_owner(portal: Portal, identity: ServiceUnderTest) -> None:
    made = portal.account()
    portal.session()
    assert told(identity) == []
    portal.wait(minutes=2)
    id = portal.log_in().get_json()["id"]
    confirmed = portal.post(
        f"/sessions/{id}/confirmation", {"code": portal.code()}, headers={"User-Agent": CHROME}
    )
    assert confirmed.status_code == 201
    (notice,) = told(identity)
    assert (str(notice.account), notice.notice) == (made["account_id"], "new-login")
    assert notice.details == {"browser": "Chrome, Android"}
    assert "0912" in identity.unsealed(notice.contact, "notify")


def test_a_login_on_a_known_device_and_a_wrong_code_tell_nothing(
    portal: Portal, identity: ServiceUnderTest
) -> None:
    portal.account()
    device = portal.session()["device"]
    before = len(told(identity))
    assert portal.log_in(device=device).status_code == 201
    portal.wait(minutes=1)
    waiting = portal.log_in().get_json()["id"]
    portal.post(f"/sessions/{waiting}/confirmation", {"code": portal.wrong_code()})
    assert len(told(identity)) == before


def test_a_notice_that_is_not_in_the_contract_is_not_sent(portal: Portal, identity: ServiceUnderTest) -> None:
    portal.account()
    with identity.units() as uow:
        account = uow.session.query(Account).one()
        with pytest.raises(ValueError, match="NOTICES"):
            notices.tell(uow, account, "unheard-of")
        with pytest.raises(ValueError, match="NOTICES"):
            notices.tell(uow, account, "new-login", {"phone": "0912000017"})


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (CHROME, "Chrome, Android"),
        (
            "Mozilla/5.0 (Windows NT 10.0; rv:131.0) Gecko/20100101 Firefox/131.0",
            "Firefox, Windows",
        ),
        (f"Mozilla/5.0 {PHONE}Version/17.5 Mobile/15E148 Safari/604.1", "Safari, iPhone"),
        (f"Mozilla/5.0 {PHONE}CriOS/130.0.0.0 Mobile/15E148 Safari/604.1", "Chrome, iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0", "Edge, Windows"),
        (
            "Mozilla/5.0 (Windows NT 10.0) coc_coc_browser/130.0 Chrome/124.0 Safari/537",
            "Cốc Cốc, Windows",
        ),
        ("curl/8.5.0", None),
        ("<script>alert(1)</script>", None),
        ("", None),
        (None, None),
    ],
)
def test_of_a_browser_only_its_family_and_system_are_kept(said: str | None, told: str | None) -> None:
    assert family(said) == told


def test_what_an_owner_is_told_is_in_the_audit_log(portal: Portal, identity: ServiceUnderTest) -> None:
    made = portal.account()
    portal.session()
    portal.wait(minutes=2)
    portal.session()
    with identity.units() as uow:
        entries = uow.session.execute(select(audit.c.deed, audit.c.whose)).all()
    assert ("new-login", made["account_id"]) in [(deed, str(whose)) for deed, whose in entries]
