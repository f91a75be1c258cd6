"""Who may begin a dossier, and what those are told who may not."""

import pytest

from gateway.pages.form_entry import lacking, reason
from gateway.viewer import Viewer
from tests.gateway.fake_portal import AN, OFFICIAL, World, portal
from tests.gateway.fake_procedure import BIRTH
from tests.gateway.test_form import hidden

ORIGIN = BIRTH | {"code": "1.000665", "audience": ["business"], "assurance": "high"}
SIGNED = BIRTH | {"code": "1.000666", "assurance": "high"}
COMPANY = AN | {"kind": "business", "assurance": "high"}
OPERATOR = OFFICIAL | {"kind": "operator"}
NEW = "/ho-so/moi?procedure="


@pytest.fixture
def world():
    return World(procedures={each["code"]: each for each in (BIRTH, ORIGIN, SIGNED)})


@pytest.fixture
def come(world):
    """A browser of that person, or of nobody in particular."""

    def browser(person=None):
        client = portal(world).test_client()
        if person:
            world.log_in(client, person)
        return client

    return browser


@pytest.mark.parametrize(
    ("kind", "level", "audience", "asked", "lacks"),
    [
        ("citizen", "medium", ["citizen"], "medium", []),
        ("citizen", "medium", ["business", "citizen"], "medium", []),
        ("citizen", "medium", ["citizen"], "high", ["high"]),
        ("citizen", "high", ["citizen"], "high", []),
        ("citizen", "medium", ["business"], "medium", ["business"]),
        ("citizen", "medium", ["business"], "high", ["business", "high"]),
        ("citizen", "high", ["business"], "high", ["business"]),
        ("business", "high", ["business"], "high", []),
        ("business", "high", ["citizen"], "medium", ["citizen"]),
        (None, "", ["citizen"], "medium", []),
        (None, "", ["business", "citizen"], "medium", []),
        (None, "", ["citizen"], "high", []),
        (None, "", ["business"], "medium", []),
        (None, "", ["business"], "high", []),
    ],
)
def test_what_is_lacking_is_an_account_of_the_right_kind_and_level(kind, level, audience, asked, lacks):
    who = Viewer("a", kind, "", level) if kind else None
    procedure = {"audience": audience, "assurance": asked}
    assert lacking(procedure, who) == lacks
    assert bool(reason(procedure, who)) == bool(lacks)


@pytest.mark.parametrize(
    ("person", "code", "words"),
    [
        (AN, "1.000665", "còn bạn đang dùng tài khoản công dân"),
        (AN, "1.000666", "/tai-khoan/nang-muc?next=/ho-so/moi?procedure%3D1.000666"),
        (COMPANY, "1.001193", "Thủ tục này dành cho công dân"),
        (OFFICIAL, "1.001193", "Tài khoản này không nộp hồ sơ"),
        (OPERATOR, "1.001193", "Tài khoản này không nộp hồ sơ"),
    ],
)
def test_those_who_cannot_send_it_are_told_why_instead_of_a_form(world, come, person, code, words):
    browser = come(person)
    page = browser.get(NEW + code)
    assert page.status_code == 200
    assert words in page.text
    assert 'name="agency"' not in page.text
    csrf = hidden(browser.get(NEW + code).text)
    answer = browser.post(NEW + code, data={**csrf, "agency": "H01"})
    assert answer.status_code == 403
    assert words in answer.text
    assert world.dossiers == []


@pytest.mark.parametrize("person", [AN, OFFICIAL])
def test_the_procedures_page_says_the_same_and_offers_no_start(come, person):
    page = come(person).get("/thu-tuc/1.000665").text
    assert "Nộp hồ sơ</a>" not in page
    assert ("Tài khoản này không nộp" if person is OFFICIAL else "Thủ tục này dành cho doanh nghiệp") in page
    assert f'href="{NEW}1.000665"' in page


@pytest.mark.parametrize("person", [AN, None])
def test_who_can_send_it_is_offered_to_start(come, person):
    assert "Nộp hồ sơ</a>" in come(person).get("/thu-tuc/1.001193").text


def test_somebody_who_only_has_to_log_in_is_sent_to_do_so(come):
    for code in ("1.001193", "1.000665", "1.000666"):
        answer = come().get(NEW + code)
        assert answer.status_code == 302
        assert answer.location.startswith("/dang-nhap?next=/ho-so/moi")


def test_who_cannot_send_it_is_told_where_the_papers_go(come):
    page = come(AN).get(f"{NEW}1.000665").text
    assert "UBND phường Cửa Nam, Hà Nội" in page
    assert "đăng ký tài khoản doanh nghiệp bằng chữ ký số" in page


def test_officials_are_shown_the_way_to_their_desk(come):
    assert 'class="button" href="/can-bo"' in come(OFFICIAL).get(f"{NEW}1.001193").text
