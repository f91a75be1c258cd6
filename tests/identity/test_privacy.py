import pytest
from sqlalchemy import select

from chassis.testing import ServiceUnderTest
from services.identity import tables
from tests.identity.portal import AN, NGOC, PASSWORD, Portal, person


def test_nothing_personal_and_no_secret_is_stored_or_announced_in_clear(
    portal: Portal, identity: ServiceUnderTest
) -> None:
    id = portal.confirmed()
    portal.post(f"/registrations/{id}/account", {"password": PASSWORD})
    tokens = portal.session()
    new = portal.refresh(tokens["refresh_token"]).get_json()
    pending = portal.register(person(NGOC))
    assert pending.status_code == 201
    stored = identity.everything_stored()
    assert "motcua.identity.account-registered.v1" in stored, "the canary looks where things are stored"
    personal = [AN, "Nguyễn Văn An", "1999-02-03", "0912000017", "912000017", "an@example.test"]
    personal += [NGOC, "Trần Thị Bích Ngọc", "0987000028", "ngoc@example.test"]
    secrets = [PASSWORD, tokens["device"]]
    secrets += [token for pair in (tokens, new) for token in (pair["refresh_token"], pair["access_token"])]
    for canary in personal + secrets:
        assert canary not in stored
        assert repr(canary.encode())[2:-1] not in stored, "as bytes"


def test_codes_are_stored_as_keyed_hashes_only(portal: Portal, identity: ServiceUnderTest) -> None:
    portal.started()
    with identity.units() as uow:
        rows = uow.session.execute(select(tables.codes.c.digest)).scalars().all()
    assert [len(digest) for digest in rows] == [32]


def test_no_personal_data_reaches_the_logs(
    portal: Portal, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    portal.account()
    portal.log_in(password="sai mật khẩu rồi")
    out, err = capsys.readouterr()
    logged = out + err + caplog.text
    for route in ("/api/v1/registrations", "/api/v1/registrations/<uuid:id>/account", "/api/v1/sessions"):
        assert f'"{route}"' in logged, "the canaries are looked for where requests are logged"
    for canary in (AN, "0912000017", PASSWORD, "sai mật khẩu rồi", "Nguyễn Văn An"):
        assert canary not in logged
