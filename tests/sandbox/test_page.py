import pytest
from flask.testing import FlaskClient

from sandbox.page import words


@pytest.mark.parametrize(("language", "banner"), [("vi", "không có thật"), ("en", "not real")])
def test_the_page_says_that_nothing_here_is_real(client: FlaskClient, language: str, banner: str) -> None:
    page = client.get(f"/?lang={language}").text
    assert f'<html lang="{language}">' in page
    assert "Sandbox" in page
    assert banner in page
    assert "Nguyễn Văn An" in page


def test_the_page_shows_messages_newest_first_and_can_show_one_persons_only(client: FlaskClient) -> None:
    for to, reference in (("0912000017", "first"), ("0987000028", "second")):
        client.post("/sms", json={"to": to, "text": f"text of {reference}", "reference": reference})
    page = client.get("/").text
    assert page.index("text of second") < page.index("text of first")
    assert "0912 000 017" in page
    one = client.get("/inbox?to=%2B84912000017").text
    assert "text of first" in one
    assert "text of second" not in one


def test_a_message_is_shown_as_text_not_as_markup(client: FlaskClient) -> None:
    client.post("/sms", json={"to": "0912000017", "text": "<script>alert(1)</script>", "reference": "x"})
    assert "<script>alert" not in client.get("/").text


def test_the_page_is_small_asks_no_other_host_and_is_not_stored(client: FlaskClient) -> None:
    answer = client.get("/")
    assert len(answer.data) < 60_000
    assert "http://" not in answer.text.replace("http://www.w3.org", "")
    assert "https://" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_both_languages_have_the_same_texts() -> None:
    assert words()["vi"].keys() == words()["en"].keys()
