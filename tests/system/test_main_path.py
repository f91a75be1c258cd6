"""Every *main* row of the API, from registration to rating, with RabbitMQ between the services."""

import hashlib
import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.answers import BIRTH, PDF, complete, papers
from tests.system.caller import MADE, Caller, citizen, decide, pages, people, sent
from tests.system.main_rows import MAIN, table
from tests.system.portal import Portal, eventually

UNTIL = r"có hiệu lực đến \d\d:\d\d"


@pytest.fixture(scope="module", autouse=True)
def calls(portal: Portal) -> Iterator[None]:
    """Of this module only."""
    MADE.clear()
    yield
    MADE.clear()


@pytest.fixture(scope="module")
def an(portal: Portal) -> Caller:
    (person,) = people(portal, 1)
    who = citizen(portal, person)
    who.register(person)
    who.log_in()
    return who


def notices(who: Caller, code: str) -> list[str]:
    found = who.get("/notifications?limit=100")["items"]
    return [item["title"] for item in found if item["dossier"] == code]


def test_the_account_says_who_one_is_and_hides_the_phone(an: Caller) -> None:
    account = an.get("/account")
    assert (account["login"], account["kind"], account["assurance"]) == (an.login, "citizen", "medium")
    assert account["phone"].startswith(an.phone[:3])
    assert an.phone not in str(account)


def test_a_known_device_needs_no_code_and_a_refreshed_session_goes_on(an: Caller) -> None:
    before = len(an.codes())
    an.log_in()
    assert len(an.codes()) == before
    an.tokens = an.post("/sessions/refresh", {"refresh_token": an.tokens["refresh_token"]})
    assert an.get("/account")["login"] == an.login


def test_a_code_is_sent_again_but_not_too_soon_and_then_the_first_is_worth_nothing(portal: Portal) -> None:
    (person,) = people(portal, 1)
    who = citizen(portal, person)
    started = who.begin_registration(person)
    soon = who.call("POST", f"/registrations/{started['id']}/code")
    assert (soon.status, soon.json["code"]) == (429, "code-too-soon")
    assert 1 <= int(soon.headers["Retry-After"]) <= started["resend_after"]
    (first,) = eventually(who.codes)
    time.sleep(int(soon.headers["Retry-After"]))

    again = f"/registrations/{started['id']}/code"
    repeated, second = who.code_sent_by(lambda: who.post(again, expect=202))
    assert (repeated["id"], repeated["state"]) == (started["id"], "awaiting-code")
    assert second != first
    confirmation = f"/registrations/{started['id']}/confirmation"
    assert who.call("POST", confirmation, {"code": first}).status == 422
    who.finish_registration(started["id"], second)


def test_procedures_are_found_with_and_without_marks_by_event_and_page_by_page(portal: Portal) -> None:
    anyone = Caller(portal, phone="", login="")
    for words in ("khai sinh", "KHAI SINH", "birth"):
        found = anyone.get(f"/procedures?audience=citizen&q={words.replace(' ', '%20')}")["items"]
        assert BIRTH in [item["code"] for item in found], words
    everything = anyone.get("/procedures?limit=100")["items"]
    assert len(everything) >= 14
    assert pages(anyone, "/procedures?limit=5") == everything
    of_event = [item["code"] for item in anyone.get("/procedures?event=co-con-nho&limit=100")["items"]]
    assert BIRTH in of_event
    assert len(of_event) < len(everything)


def test_a_procedure_is_shown_in_the_version_asked_for(portal: Portal) -> None:
    anyone = Caller(portal, phone="", login="")
    newest = anyone.get(f"/procedures/{BIRTH}")
    assert anyone.get(f"/procedures/{BIRTH}?version={newest['version']}") == newest
    beyond = anyone.call("GET", f"/procedures/{BIRTH}?version={newest['version'] + 1}")
    assert beyond.status == 404


def test_answers_are_saved_step_by_step_and_a_stale_page_overwrites_nothing(an: Caller) -> None:
    answers = complete(an.get(f"/procedures/{BIRTH}"))
    draft = an.post("/dossiers", {"procedure": BIRTH, "agency": "H01"})
    assert draft["state"] == "draft"
    assert draft["missing"]
    version = an.call("GET", f"/dossiers/{draft['id']}").headers["ETag"]
    saved = an.call("PUT", f"/dossiers/{draft['id']}/form", answers, {"If-Match": version})
    assert (saved.status, saved.json["form"]) == (200, answers)
    assert an.call("PUT", f"/dossiers/{draft['id']}/form", {}, {"If-Match": version}).status == 412
    assert an.get(f"/dossiers/{draft['id']}")["form"] == answers
    assert an.call("DELETE", f"/dossiers/{draft['id']}").status == 204
    assert an.call("GET", f"/dossiers/{draft['id']}").status == 404


def test_a_file_that_is_taken_off_is_missing_again(an: Caller) -> None:
    asked = an.get(f"/procedures/{BIRTH}")
    answers = complete(asked)
    (document,) = papers(asked, answers)
    draft = an.draft(BIRTH, "H01", answers)["id"]
    file = an.attach(draft, document, "giấy chứng sinh.pdf", PDF)["id"]
    assert an.call("GET", f"/dossiers/{draft}/files/{file}").data == PDF
    assert an.get(f"/dossiers/{draft}")["missing"] == []

    assert an.call("DELETE", f"/dossiers/{draft}/files/{file}").status == 204
    assert an.call("GET", f"/dossiers/{draft}/files/{file}").status == 404
    left = an.get(f"/dossiers/{draft}")
    assert left["files"] == []
    assert [fault["pointer"] for fault in left["missing"]] == [f"/documents/{document}"]


def test_everything_missing_is_named_at_once(an: Caller) -> None:
    asked = an.get(f"/procedures/{BIRTH}")
    answers = complete(asked)
    left_out = answers.pop("child_sex")
    refused = an.submit(an.draft(BIRTH, "H01", answers)["id"])
    assert refused.status == 422
    documents = {f"/documents/{id}" for id in papers(asked, answers)}
    assert left_out
    assert {e["pointer"] for e in refused.json["errors"]} == documents | {"/form/child_sex"}


def test_a_dossier_goes_from_draft_to_result(an: Caller, officials: dict[str, Caller]) -> None:
    desk, before = officials["H01"], an.get("/dossiers/summary")
    receipt = sent(an)
    code = receipt["code"]
    assert re.fullmatch(r"H01-\d{6}-\d{4,}", code)
    assert (receipt["status"], receipt["status_name"]) == (1, "Mới đăng ký")
    assert an.get("/dossiers/summary")["in_progress"] == before["in_progress"] + 1
    assert code in [item["code"] for item in desk.get("/desk/dossiers?limit=100")["items"]]

    for action in ("accept", "forward", "finish", "hand-over"):
        decide(desk, code, action)

    shown = an.get(f"/dossiers/{code}")
    assert [step["status"] for step in shown["history"]] == [1, 2, 4, 9, 10]
    assert shown["closed"]["outcome"] == "handed-over"
    assert shown["due_at"]
    assert code in [item["code"] for item in an.get("/dossiers?limit=100")["items"]]
    eventually(lambda: len(notices(an, code)) == 5)
    assert an.get("/dossiers/summary")["completed"] == before["completed"] + 1


def test_the_phone_is_told_of_each_step_once_and_in_these_words(
    portal: Portal, officials: dict[str, Caller]
) -> None:
    (person,) = people(portal, 1)
    who = citizen(portal, person)
    who.register(person)
    who.log_in()
    code = sent(who)["code"]
    for action in ("accept", "forward", "finish", "hand-over"):
        decide(officials["H01"], code, action)
    eventually(lambda: len(portal.messages(who.phone)) >= 7)
    texts = [message["text"] for message in reversed(portal.messages(who.phone))]

    secrecy = r"\. Không đưa mã cho bất kỳ ai\."
    assert re.fullmatch(rf"\d{{6}} là mã xác nhận đăng ký Cổng dịch vụ công, {UNTIL}{secrecy}", texts[0])
    assert re.fullmatch(rf"\d{{6}} là mã đăng nhập Cổng dịch vụ công, {UNTIL}{secrecy}", texts[1])
    office, shown = "UBND phường Cửa Nam, Hà Nội", who.get(f"/dossiers/{code}")
    answer, due = (local(shown[name]) for name in ("answer_due_at", "due_at"))
    assert texts[2:] == [
        f"Hồ sơ {code} đã gửi đến {office}. Cơ quan trả lời chậm nhất {answer}.",
        f"{office} đã tiếp nhận hồ sơ {code}. Hẹn trả kết quả: {due}.",
        f"{office} đang xử lý hồ sơ {code}. Hẹn trả kết quả: {due}.",
        f"{office} đã xử lý xong hồ sơ {code}. Kết quả đã sẵn sàng để trả cho bạn.",
        f"{office} đã trả kết quả hồ sơ {code}. Mời bạn đánh giá tại Cổng dịch vụ công.",
    ]


def local(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(ZoneInfo('Asia/Ho_Chi_Minh')):%H:%M ngày %d/%m/%Y}"


def test_ones_own_list_is_by_state_and_page_by_page(an: Caller, officials: dict[str, Caller]) -> None:
    draft = an.post("/dossiers", {"procedure": BIRTH, "agency": "H01"})["id"]
    waiting, refused, done = (sent(an)["code"] for _ in range(3))
    decide(officials["H01"], refused, "refuse", "Thiếu chữ ký.")
    for action in ("accept", "forward", "finish", "hand-over"):
        decide(officials["H01"], done, action)
    expected = {"draft": draft, "in-progress": waiting, "closed": refused, "completed": done}
    everything = an.get("/dossiers?limit=100")["items"]
    for state, name in expected.items():
        listed = an.get(f"/dossiers?state={state}&limit=100")["items"]
        assert listed == [item for item in everything if item["state"] == state]
        assert name in [item["code"] or item["id"] for item in listed]
    assert pages(an, "/dossiers?limit=3") == everything
    assert len({item["id"] for item in everything}) == len(everything)


def test_the_desks_list_is_by_status_by_lateness_and_page_by_page(
    an: Caller, officials: dict[str, Caller]
) -> None:
    desk, new, accepted = officials["H01"], sent(an)["code"], sent(an)["code"]
    decide(desk, accepted, "accept")
    for asked, statuses in (("status=1", {1}), ("status=2", {2}), ("status=1&status=2", {1, 2})):
        listed = pages(desk, f"/desk/dossiers?{asked}&limit=1")
        assert {item["status"] for item in listed} == statuses
        found = {item["code"] for item in listed} & {new, accepted}
        assert found == {code for code, status in ((new, 1), (accepted, 2)) if status in statuses}
        assert len({item["code"] for item in listed}) == len(listed)
    in_time = pages(desk, "/desk/dossiers?overdue=false&limit=100")
    assert {new, accepted} <= {item["code"] for item in in_time}
    late = pages(desk, "/desk/dossiers?overdue=true&limit=100")
    assert all(item["overdue"] for item in late)
    assert not {new, accepted} & {item["code"] for item in late}


def test_the_agency_reads_what_was_sent_to_the_last_byte(an: Caller, officials: dict[str, Caller]) -> None:
    receipt = sent(an)
    code = receipt["code"]
    shown = officials["H01"].get(f"/desk/dossiers/{code}")
    assert shown["form"] == complete(an.get(f"/procedures/{BIRTH}"))
    file = shown["files"][0]["id"]
    for got in (
        officials["H01"].call("GET", f"/desk/dossiers/{code}/files/{file}"),
        an.call("GET", f"/dossiers/{shown['id']}/files/{file}"),
    ):
        assert (got.status, got.data) == (200, PDF)
        assert got.headers["Content-Disposition"].startswith("attachment")
    assert receipt["receipt"]["files"][0]["sha256"] == hashlib.sha256(PDF).hexdigest()


def test_a_notice_is_read_once(an: Caller) -> None:
    code = sent(an)["code"]
    eventually(lambda: notices(an, code))
    inbox = an.get("/notifications")
    an.post(f"/notifications/{inbox['items'][0]['id']}/read", expect=204)
    an.post(f"/notifications/{inbox['items'][0]['id']}/read", expect=204)
    assert an.get("/notifications")["unread"] == inbox["unread"] - 1
    assert pages(an, "/notifications?limit=3") == an.get("/notifications?limit=100")["items"]


def test_the_owner_of_a_closed_dossier_rates_once_and_the_agency_is_counted(
    an: Caller, officials: dict[str, Caller]
) -> None:
    code = sent(an)["code"]
    names = ("total_time", "agency_time", "contacts", "agencies_visited", "attitude")
    rating = {"dossier": code, "scores": dict.fromkeys(names, 2), "satisfaction": 5, "comment": "Tốt"}
    assert an.call("POST", "/ratings", rating).status in {404, 409}
    decide(officials["H01"], code, "refuse", "Thiếu chữ ký.")
    eventually(lambda: an.call("POST", "/ratings", rating).status == 201)
    assert an.call("POST", "/ratings", rating).status == 409
    assert an.get("/statistics/agencies/H01")["ratings"]["count"] >= 1
    assert "H01" in [item["code"] for item in an.get("/statistics/agencies?limit=100")["items"]]


def test_whoever_has_the_receipt_sees_more_than_whoever_knows_the_code(an: Caller, portal: Portal) -> None:
    receipt = sent(an)
    stranger = Caller(portal, phone="", login="")
    public = stranger.get(f"/tracking/{receipt['code']}")
    assert public["status"] == 1
    assert not {"procedure_name", "agency_name", "history"} & public.keys()
    with_key = stranger.get(f"/tracking/{receipt['code']}?key={receipt['receipt']['key']}")
    assert {"procedure_name", "agency_name", "history"} <= with_key.keys()
    assert receipt["receipt"]["key"] in receipt["receipt"]["url"]
    assert an.login not in str(with_key)
    assert stranger.get(f"/tracking/{receipt['code']}?key=wrong") == public


def test_an_agency_sees_its_own_dossiers_only(an: Caller, officials: dict[str, Caller]) -> None:
    code = sent(an)["code"]
    assert officials["H01"].get(f"/desk/dossiers/{code}")["code"] == code
    other = officials["G01"]
    assert other.call("GET", f"/desk/dossiers/{code}").status == 404
    assert code not in str(other.get("/desk/dossiers?limit=100"))
    refused = other.call(
        "POST", f"/desk/dossiers/{code}/decisions", {"action": "accept"}, {"If-Match": '"1"'}
    )
    assert refused.status == 404
    assert an.call("GET", f"/desk/dossiers/{code}").status == 403


def test_a_refusal_says_why_and_closes(an: Caller, officials: dict[str, Caller], portal: Portal) -> None:
    code = sent(an)["code"]
    desk = officials["H01"]
    etag = desk.call("GET", f"/desk/dossiers/{code}").headers["ETag"]
    without = desk.call("POST", f"/desk/dossiers/{code}/decisions", {"action": "refuse"}, {"If-Match": etag})
    assert without.status == 422
    decide(desk, code, "refuse", "Giấy chứng sinh bị mờ, không đọc được số.")
    shown = an.get(f"/dossiers/{code}")
    assert (shown["status"], shown["closed"]["outcome"]) == (3, "refused")
    assert "mờ" in shown["history"][-1]["reason"]
    assert (
        desk.call(
            "POST",
            f"/desk/dossiers/{code}/decisions",
            {"action": "accept"},
            {"If-Match": desk.call("GET", f"/desk/dossiers/{code}").headers["ETag"]},
        ).status
        == 409
    )
    told = eventually(lambda: texts(an, code, "mờ"))
    assert len(told) == 1
    assert not any("mờ" in m["text"] for m in portal.messages(an.phone))


def texts(who: Caller, code: str, word: str) -> list[str]:
    found = who.get("/notifications?limit=100")["items"]
    return [item["text"] for item in found if item["dossier"] == code and word in item["text"]]


def test_a_withdrawal_is_declined_or_closed_by_the_agency(an: Caller, officials: dict[str, Caller]) -> None:
    desk, code = officials["H01"], sent(an)["code"]
    an.post(f"/dossiers/{code}/withdrawal", {"reason": "Tôi nộp nhầm"})
    assert an.get(f"/dossiers/{code}")["status"] == 7
    decide(desk, code, "decline-withdrawal", "Hồ sơ đã vào sổ.")
    assert an.get(f"/dossiers/{code}")["status"] == 1
    an.post(f"/dossiers/{code}/withdrawal", {})
    decide(desk, code, "close-withdrawal")
    assert an.get(f"/dossiers/{code}")["closed"]["outcome"] == "withdrawn"


def test_the_demo_agency_decides_over_amqp(an: Caller, back_office: str) -> None:
    code = sent(an, agency=back_office)["code"]
    eventually(lambda: an.get(f"/dossiers/{code}")["status"] == 10, within=60)
    history = an.get(f"/dossiers/{code}")["history"]
    assert [step["status"] for step in history] == [1, 2, 4, 9, 10]


def test_bad_input_names_the_field_and_changes_nothing(an: Caller) -> None:
    before = an.get("/dossiers/summary")
    answer = an.call("POST", "/dossiers", {"procedure": BIRTH, "agency": "Z99", "more": 1})
    assert answer.status == 422
    assert answer.json["errors"]
    wrong = an.call(
        "POST", "/dossiers", {"procedure": BIRTH, "agency": "H01", "form": {"child_sex": "other"}}
    )
    assert wrong.status == 422
    assert wrong.json["errors"][0]["pointer"] == "/form/child_sex"
    assert an.get("/dossiers/summary") == before


def test_two_submissions_at_once_with_one_key_make_one_dossier(an: Caller) -> None:
    asked = an.get(f"/procedures/{BIRTH}")
    answers = complete(asked)
    draft = an.draft(BIRTH, "H01", answers)
    for document in papers(asked, answers):
        an.attach(draft["id"], document, "a.pdf", PDF)
    before = an.get("/dossiers/summary")["in_progress"]
    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(lambda _: an.submit(draft["id"], "the-same"), range(4)))
    assert {a.status for a in got} <= {201, 409}
    assert len({a.json["code"] for a in got if a.status == 201}) == 1
    assert an.get("/dossiers/summary")["in_progress"] == before + 1


def test_logging_out_ends_the_session(portal: Portal) -> None:
    (person,) = people(portal, 1)
    who = citizen(portal, person)
    who.register(person)
    who.log_in()
    assert who.call("DELETE", "/sessions/current").status == 204
    refused = who.call("POST", "/sessions/refresh", {"refresh_token": who.tokens["refresh_token"]})
    assert refused.status == 401


def test_one_openapi_document_describes_every_main_row(portal: Portal) -> None:
    got = portal.http.request("GET", portal.api + "/openapi.json")
    described = {
        f"{method.upper()} {re.sub(r'{[^}]*}', '{}', path.removeprefix('/api/v1'))}"
        for path, methods in json.loads(got.data)["paths"].items()
        for method in methods
    }
    assert {re.sub(r"{[^}]*}", "{}", row) for row in MAIN} <= described


def test_every_main_row_was_driven_with_every_parameter_and_nothing_else() -> None:
    """Only true at the end of the whole module."""
    assert table(MADE) == {row: set(parameters.split()) for row, parameters in MAIN.items()}
