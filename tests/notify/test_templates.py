from pathlib import Path

import pytest

from services.notify.commands.telling import DATA, templates
from services.notify.model.templates import PURPOSES, Templates

EVENTS = ["dossier.submitted"]
NOTICES = {"new-login": {"browser"}}
WHOLE = "\n".join(
    [
        *(
            f'["code.{purpose}".{language}]\nsms = ["{{one_time_code}}"]'
            for purpose in PURPOSES
            for language in ("vi", "en")
        ),
        *(
            f'[invitation.{language}]\ntitle = "x"\nsms = ["{{link}}"]\nmail = ["{{link}}"]'
            for language in ("vi", "en")
        ),
        '["dossier.submitted".vi]\ntitle = "{code}"\ninbox = ["{code}", "Lý do: {reason}"]',
        'sms = ["x"]\nmail = ["x", "y"]',
        *(
            f'["notice.new-login".{language}]\ntitle = "x"\n'
            'inbox = "{browser}"\nsms = "{secret}"\nmail = "x"'
            for language in ("vi", "en")
        ),
        '["dossier.submitted".en]\ntitle = "{code}"\ninbox = ["{code}"]\nsms = ["x"]\nmail = ["x"]',
    ]
)


def test_the_texts_we_ship_are_whole_in_both_languages() -> None:
    assert templates()


def test_a_missing_language_is_refused() -> None:
    vietnamese_only = WHOLE.rpartition('["dossier.submitted".en]')[0]
    with pytest.raises(ValueError, match=r"dossier\.submitted en sms is missing"):
        Templates.parse(vietnamese_only, EVENTS, NOTICES)


def test_an_event_nobody_announces_is_refused() -> None:
    with pytest.raises(ValueError, match=r"dossier\.submitted vi title is unknown"):
        Templates.parse(WHOLE, [], NOTICES)


@pytest.mark.parametrize("said", ["{reason}", "{procedure}", "{phone}", "{}", "{code.agency}"])
def test_an_sms_that_would_say_more_than_it_may_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match=r"dossier\.submitted vi sms may not say"):
        Templates.parse(WHOLE.replace('sms = ["x"]', f'sms = ["{said}"]', 1), EVENTS, NOTICES)


@pytest.mark.parametrize("nothing", ["[]", "1"])
def test_a_text_without_words_is_refused(nothing: str) -> None:
    with pytest.raises(ValueError, match="says nothing"):
        Templates.parse(WHOLE.replace('sms = ["x"]', f"sms = {nothing}", 1), EVENTS, NOTICES)


def test_a_sentence_without_its_value_is_left_out() -> None:
    whole = Templates.parse(WHOLE, EVENTS, NOTICES)
    assert whole.say("dossier.submitted", "vi", "inbox", {"code": "H01", "reason": None}) == "H01"
    assert (
        whole.say("dossier.submitted", "vi", "inbox", {"code": "H01", "reason": "a {b}"})
        == "H01 Lý do: a {b}"
    )


def test_an_email_has_a_sentence_a_line() -> None:
    assert Templates.parse(WHOLE, EVENTS, NOTICES).say("dossier.submitted", "vi", "mail", {}) == "x\ny"


def test_an_sms_is_never_longer_than_four_parts() -> None:
    """A part of a Vietnamese SMS is 67 letters (UCS-2)."""
    values = {
        "one_time_code": "428613",
        "until": "14:05",
        "code": "000.00.00.H01-261123-0001",
        "agency": "UBND phường Cửa Nam, Hà Nội",
        "due": "17:00 ngày 25/11/2026",
        "answer_due": "17:00 ngày 25/11/2026",
    }
    for name, language, channel in templates().sentences:
        if channel == "sms":
            assert len(templates().say(name, language, "sms", values)) <= 4 * 67, name


def test_the_texts_are_where_a_reader_looks_for_them() -> None:
    assert Path(__file__).parents[2] / "services/notify/data/templates.toml" == DATA
