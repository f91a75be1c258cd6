"""Filling in and sending a dossier, page by page, as a browser without JavaScript does it."""

import re
from html import unescape
from io import BytesIO

import pytest
from werkzeug.test import Client

from gateway.pages.form_fields import NOT_ANSWERED, WORDS_FOR_RULE
from gateway.texts import load
from tests.gateway.fake_portal import AN, NGOC, World, portal

PDF = b"%PDF-1.4 birth certificate"


@pytest.fixture
def world():
    return World()


@pytest.fixture
def browser(world):
    client = portal(world).test_client()
    world.log_in(client, AN)
    return client


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the page's main form."""
    found = re.findall(r'<input type="hidden" name="(csrf|version|key)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found}


def shown(page: str) -> list[str]:
    """The fields a browser without JavaScript sends along: those outside <template>."""
    return re.findall(
        r'name="shown" value="([^"]+)"', re.sub(r"<template>.*?</template>", "", page, flags=re.DOTALL)
    )


def fill(browser: Client, address: str, **answers: object):
    page = browser.get(address).text
    posted = {**hidden(page), "shown": shown(page), **answers}
    return browser.post(address, data=posted)


def step(draft, number: int) -> str:
    return f"/ho-so/nhap/{draft['id']}/buoc/{number}"


def test_starting_makes_one_draft_with_what_the_account_knows_and_opens_the_first_step(world, browser):
    page = browser.get("/ho-so/moi?procedure=1.001193").text
    assert "Giấy chứng sinh" in page
    assert "UBND phường Cửa Nam" in page
    posted = {**hidden(page), "agency": "H02"}
    first = browser.post("/ho-so/moi?procedure=1.001193", data=posted)
    again = browser.post("/ho-so/moi?procedure=1.001193", data=posted)
    (draft,) = world.dossiers
    assert draft["form"] == {
        "applicant_name": "Nguyễn Văn An",
        "applicant_id": "001099000017",
        "applicant_email": "an@example.test",
    }
    assert first.location == again.location == step(draft, 1)


def test_without_an_agency_nothing_begins_and_the_field_says_so(world, browser):
    page = browser.get("/ho-so/moi?procedure=1.001193").text
    answer = browser.post("/ho-so/moi?procedure=1.001193", data=hidden(page))
    assert answer.status_code == 422
    assert "Hãy chọn cơ quan tiếp nhận hồ sơ." in answer.text
    assert world.dossiers == []


def test_a_draft_begun_before_is_offered_again(world, browser):
    draft = world.draft()
    assert step(draft, 1) in browser.get("/ho-so/moi?procedure=1.001193").text


def test_a_step_is_saved_and_leads_to_the_next(world, browser):
    draft = world.draft()
    address = step(draft, 1)
    opened = fill(browser, address, child_name="Lê Bình", child_birth="1/11/2026", born_in="hospital")
    assert opened.status_code == 200
    assert "Tên bệnh viện" in opened.text
    assert "Mới" in opened.text
    again = {**hidden(opened.text), "shown": shown(opened.text), "hospital": "Bạch Mai"}
    onward = browser.post(
        address, data={**again, "child_name": "Lê Bình", "child_birth": "1/11/2026", "born_in": "hospital"}
    )
    assert onward.location == step(draft, 2)
    assert draft["form"] == {
        "child_name": "Lê Bình",
        "child_birth": "2026-11-01",
        "born_in": "hospital",
        "hospital": "Bạch Mai",
    }


def test_a_question_not_yet_called_for_waits_in_a_template_for_the_browser_to_show(world, browser):
    page = browser.get(step(world.draft(), 1)).text
    assert "hospital" not in shown(page)
    assert re.search(r'data-on="born_in" data-values="\[&#34;hospital&#34;\]">\s*<template>', page)


def test_mistakes_are_named_beside_the_field_and_in_the_summary_and_the_rest_is_saved(world, browser):
    draft = world.draft()
    answer = fill(browser, step(draft, 1), child_name="Lê Bình", child_birth="31/2/2026", born_in="home")
    assert answer.status_code == 422
    assert re.search(r'href="#child_birth">Ngày sinh[^<]*: \w', answer.text)
    assert 'id="child_birth-error"' in answer.text
    assert 'value="31/2/2026"' in answer.text
    assert draft["form"] == {"child_name": "Lê Bình", "born_in": "home"}


def test_what_the_account_gave_is_marked_until_it_is_changed(world, browser):
    draft = world.draft(answers={"applicant_name": "Nguyễn Văn An"})
    assert "Lấy từ tài khoản" in browser.get(step(draft, 2)).text
    draft["form"] = {"applicant_name": "Nguyễn An"}
    assert "Lấy từ tài khoản" not in browser.get(step(draft, 2)).text


def test_saving_for_later_keeps_a_step_half_filled(world, browser):
    draft = world.draft()
    answer = fill(browser, step(draft, 1), child_name="Lê Bình", later="yes")
    assert answer.location == "/tai-khoan"
    assert draft["form"] == {"child_name": "Lê Bình"}


def test_a_draft_changed_in_another_window_is_not_overwritten_and_what_was_typed_is_shown(world, browser):
    draft = world.draft()
    page = browser.get(step(draft, 1)).text
    draft["form"], draft["version"] = {"child_name": "Khác"}, 7
    posted = {**hidden(page), "shown": shown(page), "child_name": "Lê Bình", "born_in": "home"}
    answer = browser.post(step(draft, 1), data=posted)
    assert answer.status_code == 412
    assert "Lê Bình" in answer.text
    assert "Tại nhà" in answer.text
    assert step(draft, 1) in answer.text
    assert draft["form"] == {"child_name": "Khác"}


def test_the_same_answers_posted_again_are_no_conflict(world, browser):
    draft = world.draft(answers={"by_post": False, "copies": 2})
    page = browser.get(step(draft, 3)).text
    posted = {**hidden(page), "shown": shown(page), "copies": "2"}
    draft["version"] = 9
    assert browser.post(step(draft, 3), data=posted).status_code == 303


def test_when_the_service_is_late_what_was_typed_stays_on_the_page(world, browser):
    draft = world.draft()
    page = browser.get(step(draft, 1)).text
    backend = browser.application.extensions["motcua"]
    send = backend.send
    backend.send = lambda service, method, path, **options: (
        world.away.add("dossier") or send(service, method, path, **options)
        if method == "PUT"
        else send(service, method, path, **options)
    )
    answer = browser.post(
        step(draft, 1),
        data={**hidden(page), "shown": shown(page), "child_name": "Lê Bình", "born_in": "home"},
    )
    assert answer.status_code == 503
    assert 'value="Lê Bình"' in answer.text
    assert "chưa lưu được" in answer.text


def test_an_answer_the_service_refuses_is_told_beside_its_field(world, browser):
    draft = world.draft()
    answer = fill(browser, step(draft, 1), child_name="wrong", child_birth="1/1/2026", born_in="home")
    assert answer.status_code == 422
    assert 'id="child_name-error"' in answer.text


def test_papers_are_listed_with_size_and_check_sum_and_can_be_taken_off(world, browser):
    draft = world.draft()
    address = f"/ho-so/nhap/{draft['id']}/giay-to"
    posted = {
        **hidden(browser.get(address).text),
        "document": "birth",
        "file": [(BytesIO(PDF), "giấy 1.pdf"), (BytesIO(PDF), "giấy 2.pdf")],
    }
    assert browser.post(address, data=posted).status_code == 303
    page = browser.get(address).text
    assert "giấy 1.pdf" in page
    assert "giấy 2.pdf" in page
    assert "1 kB" in page
    assert draft["files"][0]["sha256"][:4] in page
    browser.post(address, data={**hidden(page), "remove": draft["files"][0]["id"]})
    assert [row["name"] for row in draft["files"]] == ["giấy 2.pdf"]


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"MZ program", "Chỉ nhận tệp PDF"), (b"%PDF" + b"x" * 300_000, "Tệp quá lớn")],
)
def test_a_file_that_is_not_taken_says_why_in_words(world, browser, content, words):
    address = f"/ho-so/nhap/{world.draft()['id']}/giay-to"
    posted = {**hidden(browser.get(address).text), "document": "birth", "file": (BytesIO(content), "a.pdf")}
    answer = browser.post(address, data=posted)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'href="#file-birth"' in answer.text


def test_upload_without_a_file_asks_for_one(world, browser):
    address = f"/ho-so/nhap/{world.draft()['id']}/giay-to"
    answer = browser.post(address, data={**hidden(browser.get(address).text), "document": "birth"})
    assert answer.status_code == 422
    assert "Hãy chọn ít nhất một tệp" in answer.text


COMPLETE = {
    "child_name": "Lê Bình",
    "child_birth": "2026-11-01",
    "born_in": "hospital",
    "hospital": "Bạch Mai",
    "applicant_name": "Nguyễn Văn An",
    "mother_id": "001195000028",
    "relation": "father",
    "copies": 2,
    "by_post": False,
}
PAPER = {"id": "f1", "document": "birth", "name": "giấy.pdf", "size": 9, "sha256": "ab" * 32, "scan": "clean"}


@pytest.fixture
def complete(world):
    draft = world.draft(answers=dict(COMPLETE))
    draft["files"].append(PAPER)
    return draft


def check(draft) -> str:
    return f"/ho-so/nhap/{draft['id']}/kiem-tra"


def test_the_check_page_reads_every_answer_back_in_words(complete, browser):
    page = browser.get(check(complete)).text
    for words in ("Lê Bình", "01/11/2026", "Bệnh viện, cơ sở y tế", "Bạch Mai", "Cha", "giấy.pdf"):
        assert words in page
    assert f"{step(complete, 1)}?sua=1" in page
    assert "Còn thiếu" not in page


def test_after_a_correction_the_person_is_back_at_the_check_page(complete, browser):
    again = {"child_name": "Lê An Bình", "child_birth": "1/11/2026", "born_in": "hospital", "hospital": "E"}
    assert fill(browser, f"{step(complete, 1)}?sua=1", **again).location == check(complete)


def test_all_that_is_missing_is_listed_at_once_with_links_to_where_it_is_given(world, browser):
    draft = world.draft(answers={"child_name": "Lê Bình"})
    page = browser.get(check(draft)).text
    assert f"{step(draft, 1)}?sua=1#child_birth" in page
    assert f"{step(draft, 2)}?sua=1#mother_id" in page
    assert "giay-to?sua=1#giay-to-birth" in page
    answer = browser.post(check(draft), data={**hidden(page), "consent": "yes"})
    assert answer.status_code == 422
    assert world.submissions == 0


def test_nothing_is_sent_without_the_declaration(world, complete, browser):
    answer = browser.post(check(complete), data=hidden(browser.get(check(complete)).text))
    assert answer.status_code == 422
    assert 'href="#consent"' in answer.text
    assert world.submissions == 0


def test_sending_twice_makes_one_dossier_and_both_see_it(world, complete, browser):
    posted = {**hidden(browser.get(check(complete)).text), "consent": "yes"}
    first, second = (browser.post(check(complete), data=posted) for _ in range(2))
    assert world.submissions == 1
    assert first.location == "/ho-so/H01-261123-0001/da-gui"
    assert second.location == "/ho-so/H01-261123-0001"


def test_what_changed_since_it_was_read_is_read_again_before_it_is_sent(world, complete, browser):
    page = browser.get(check(complete)).text
    complete["version"] += 1
    answer = browser.post(check(complete), data={**hidden(page), "consent": "yes"})
    assert answer.status_code == 409
    assert world.submissions == 0


def test_the_page_after_sending_shows_code_qr_and_what_happens_next(world, browser):
    dossier = world.sent()
    page = browser.get(f"/ho-so/{dossier['code']}/da-gui").text
    assert dossier["code"] in page
    assert "<svg" in page
    assert 'class="qr"' in page
    assert "thứ Tư 25/11/2026" in page


def test_the_receipt_lists_the_files_with_their_check_sums(world, browser):
    dossier = world.sent()
    dossier["files"].append(PAPER)
    page = browser.get(f"/ho-so/{dossier['code']}/giay-tiep-nhan").text
    assert "abab abab" in page
    assert "Nguyễn Văn An" in page


def test_a_draft_that_was_sent_leads_to_its_dossier(world, browser):
    dossier = world.sent()
    assert browser.get(step(dossier, 1)).location == f"/ho-so/{dossier['code']}"


def test_login_comes_first_and_leads_back_to_the_same_step(world):
    draft, stranger = world.draft(), portal(world).test_client()
    answer = stranger.get(step(draft, 2))
    assert answer.status_code == 302
    assert answer.location.startswith("/dang-nhap?next=/ho-so/nhap/")
    assert answer.location.endswith("buoc/2")


def test_another_persons_draft_is_not_there(world, browser):
    assert browser.get(step(world.draft(owner=NGOC), 1)).status_code == 404


def test_a_draft_is_thrown_away_only_after_asking(world, browser):
    draft = world.draft()
    page = browser.get(f"/ho-so/nhap/{draft['id']}/bo").text
    assert world.dossiers == [draft]
    assert browser.post(f"/ho-so/nhap/{draft['id']}/bo", data=hidden(page)).location == "/tai-khoan"
    assert world.dossiers == []


def test_when_the_session_ended_before_saving_the_person_comes_back_to_the_same_step(world, browser):
    address = step(world.draft(), 2)
    page = browser.get(address).text
    browser.delete_cookie("motcua")
    answer = browser.post(address, data=hidden(page))
    assert answer.status_code == 302
    assert f"next={address}" in answer.location


def test_every_word_is_there_in_both_languages_and_every_mistake_has_words():
    vietnamese, english = load("vi"), load("en")
    mine = ("form.", "account.", "desk.")
    ours = {key for key in vietnamese if key.startswith(mine)}
    assert ours == {
        key.removesuffix("_one") for key in english if key.startswith(("form.", "account.", "desk."))
    }
    codes = {*WORDS_FOR_RULE.values(), *NOT_ANSWERED.values(), "required", "date-format", "date-real"}
    assert codes <= {key.removeprefix("form.error.") for key in vietnamese}
