import pytest

from gateway.pages import form_values
from gateway.pages.form_fields import Trouble
from gateway.pages.form_steps import Form

BIRTH = {
    "schema": {
        "type": "object",
        "properties": {
            "child_name": {"type": "string", "minLength": 2, "maxLength": 50},
            "child_birth": {"type": "string", "format": "date"},
            "born_in": {"type": "string", "enum": ["hospital", "home"]},
            "hospital": {"type": "string"},
            "witness": {"type": "string"},
            "witness_phone": {"type": "string", "format": "vn-phone"},
            "copies": {"type": "integer", "minimum": 1, "maximum": 10},
            "extract": {"type": "boolean"},
            "promise": {"type": "boolean", "const": True},
            "parent_name": {"type": "string"},
        },
    },
    "layout": [
        {
            "id": "child",
            "title": "Trẻ em",
            "title_en": "The child",
            "fields": [
                {
                    "name": "child_name",
                    "label": "Họ tên",
                    "label_en": "Name",
                    "widget": "text",
                    "required": True,
                },
                {
                    "name": "child_birth",
                    "label": "Ngày sinh",
                    "label_en": "Born",
                    "widget": "date",
                    "required": True,
                },
                {
                    "name": "born_in",
                    "label": "Nơi sinh",
                    "label_en": "Born in",
                    "widget": "radio",
                    "required": True,
                    "options": [
                        {"value": "hospital", "label": "Bệnh viện", "label_en": "Hospital"},
                        {"value": "home", "label": "Tại nhà", "label_en": "At home"},
                    ],
                },
                {
                    "name": "hospital",
                    "label": "Bệnh viện",
                    "label_en": "Hospital",
                    "widget": "text",
                    "required": True,
                    "show_when": {"field": "born_in", "values": ["hospital"]},
                },
                {
                    "name": "witness",
                    "label": "Người làm chứng",
                    "label_en": "Witness",
                    "widget": "text",
                    "required": False,
                    "show_when": {"field": "born_in", "values": ["home"]},
                },
            ],
        },
        {
            "id": "witness",
            "title": "Người làm chứng",
            "title_en": "Witness",
            "fields": [
                {
                    "name": "witness_phone",
                    "label": "Điện thoại",
                    "label_en": "Phone",
                    "widget": "phone",
                    "required": True,
                    "show_when": {"field": "born_in", "values": ["home"]},
                }
            ],
        },
        {
            "id": "rest",
            "title": "Bản sao",
            "title_en": "Copies",
            "fields": [
                {"name": "parent_name", "label": "Cha mẹ", "widget": "text", "prefill": "full_name"},
                {
                    "name": "copies",
                    "label": "Số bản",
                    "label_en": "Copies",
                    "widget": "number",
                    "required": True,
                },
                {"name": "extract", "label": "Trích lục", "label_en": "Extract", "widget": "checkbox"},
                {"name": "promise", "label": "Cam đoan", "widget": "checkbox", "required": True},
            ],
        },
    ],
}
CHILD = {"child_name": "Lê Bình", "child_birth": "2026-11-01"}


@pytest.fixture
def form() -> Form:
    return Form.of(BIRTH)


def test_a_field_is_asked_only_while_the_answer_it_depends_on_is_given(form):
    names = [field.name for field in form.asked(form.steps[0], {"born_in": "hospital"})]
    assert names == ["child_name", "child_birth", "born_in", "hospital"]
    assert "hospital" not in [field.name for field in form.asked(form.steps[0], {})]


def test_a_step_with_nothing_to_ask_is_left_out_of_the_walk(form):
    assert [step.id for step in form.walk({"born_in": "hospital"})] == ["child", "rest"]
    assert [step.id for step in form.walk({"born_in": "home"})] == ["child", "witness", "rest"]


def test_what_was_typed_becomes_json_of_the_right_kinds(form):
    posted = {"copies": "3", "extract": "on", "promise": "on", "parent_name": "  Lê   An "}
    read = form.read(form.steps[2], posted, ["parent_name", "copies", "extract", "promise"], {})
    assert read.answers == {"copies": 3, "extract": True, "promise": True, "parent_name": "Lê   An"}
    assert read.finished


def test_an_answer_that_opens_a_question_brings_the_page_again_without_blaming_anyone(form):
    posted = {"child_name": "Lê Bình", "child_birth": "1/11/2026", "born_in": "hospital"}
    read = form.read(form.steps[0], posted, ["child_name", "child_birth", "born_in"], {})
    assert read.troubles == ()
    assert read.appeared == ("hospital",)
    assert not read.finished
    assert read.answers == {**CHILD, "born_in": "hospital"}


def test_a_shown_question_left_empty_is_named_with_its_pointer(form):
    posted = {"child_name": "Lê Bình", "child_birth": "1/11/2026", "born_in": "hospital", "hospital": " "}
    read = form.read(form.steps[0], posted, ["child_name", "child_birth", "born_in", "hospital"], {})
    assert read.troubles == (Trouble("hospital", "required"),)
    assert read.troubles[0].pointer == "/hospital"


def test_answers_to_questions_no_longer_asked_are_dropped_in_all_steps(form):
    before = {**CHILD, "born_in": "home", "witness": "Bà Tư", "witness_phone": "0912000017"}
    posted = {
        "child_name": "Lê Bình",
        "child_birth": "1/11/2026",
        "born_in": "hospital",
        "hospital": "Bạch Mai",
    }
    read = form.read(form.steps[0], posted, [*posted, "witness"], before)
    assert read.answers == {**CHILD, "born_in": "hospital", "hospital": "Bạch Mai"}
    assert read.finished


def test_valid_answers_are_kept_when_another_is_wrong_and_the_wrong_one_stays_on_the_page(form):
    posted = {"child_name": "Lê Bình", "child_birth": "31/02/2026", "born_in": "home"}
    read = form.read(form.steps[0], posted, [*posted, "witness"], {})
    assert read.answers == {"child_name": "Lê Bình", "born_in": "home"}
    assert read.troubles == (Trouble("child_birth", "date-real"),)
    assert read.raw["child_birth"] == "31/02/2026"


@pytest.mark.parametrize(
    ("posted", "code"),
    [
        ({"child_name": "A", "child_birth": "1/1/2026", "born_in": "home"}, "too-short"),
        ({"child_name": "A" * 51, "child_birth": "1/1/2026", "born_in": "home"}, "too-long"),
        ({"child_name": "An", "child_birth": "1/1/2026", "born_in": "moon"}, "choose"),
        ({"child_name": "An", "child_birth": "1/1/2026"}, "choose"),
        ({"child_name": "An", "child_birth": "tomorrow", "born_in": "home"}, "date-format"),
    ],
)
def test_each_kind_of_mistake_has_a_code_of_its_own(form, posted, code):
    read = form.read(form.steps[0], posted, ["child_name", "child_birth", "born_in", "witness"], {})
    assert [trouble.code for trouble in read.troubles] == [code]


def test_limits_come_from_the_schema_and_are_told(form):
    posted = {"copies": "11", "promise": "on"}
    read = form.read(form.steps[2], posted, ["copies", "promise"], {})
    assert read.troubles == (Trouble("copies", "too-large", 10),)


def test_a_declaration_must_be_ticked(form):
    read = form.read(form.steps[2], {"copies": "1"}, ["copies", "promise"], {})
    assert read.troubles == (Trouble("promise", "must-tick"),)


def test_all_that_is_missing_is_listed_at_once_by_step(form):
    missing = form.troubles({"born_in": "home"})
    assert {step: [trouble.name for trouble in found] for step, found in missing.items()} == {
        1: ["child_name", "child_birth"],
        2: ["witness_phone"],
        3: ["copies", "promise"],
    }


def test_what_the_account_knows_is_filled_in(form):
    assert form.prefilled({"full_name": "Nguyễn Văn An", "email": None}) == {"parent_name": "Nguyễn Văn An"}


def test_what_the_account_shows_masked_is_not_filled_in():
    layout = [
        {
            "id": "a",
            "title": "A",
            "fields": [{"name": "p", "label": "P", "widget": "phone", "prefill": "phone"}],
        }
    ]
    form = Form.of({"schema": {"properties": {"p": {"type": "string"}}}, "layout": layout})
    assert form.prefilled({"phone": "091•••••17"}) == {}
    assert form.prefilled({"phone": "0912000017"}) == {"p": "0912000017"}


def test_the_check_page_has_words_and_not_values(form):
    field = form.fields["born_in"]
    assert field.words("home").vi == "Tại nhà"
    assert field.words("home").en == "At home"
    assert form.fields["child_birth"].words("2026-11-01").vi == "01/11/2026"
    assert form.fields["extract"].words(True).en == "Yes"


@pytest.mark.parametrize(
    "text", ["3/2/1999", "03/02/1999", "03.02.1999", "3-2-1999", "03021999", "1999-02-03"]
)
def test_a_date_may_be_written_in_every_usual_way(text):
    assert form_values.parse_date(text) == "1999-02-03"


@pytest.mark.parametrize(
    ("text", "code"), [("30/2/2026", "date-real"), ("3/2/99", "date-format"), ("x", "date-format")]
)
def test_a_date_that_is_none_says_which_kind_of_wrong(text, code):
    with pytest.raises(form_values.Unreadable) as unreadable:
        form_values.parse_date(text)
    assert unreadable.value.code == code


@pytest.mark.parametrize(
    ("text", "amount"), [("1.500.000", 1500000), ("1 500 000 đ", 1500000), ("135.000 VND", 135000)]
)
def test_money_may_be_grouped_and_carry_its_currency(text, amount):
    assert form_values.parse_money(text) == amount


@pytest.mark.parametrize("text", ["1.50", "1,5", "abc", "12đ5"])
def test_money_that_cannot_be_read_is_not_guessed(text):
    with pytest.raises(form_values.Unreadable):
        form_values.parse_money(text)


def test_numbers_of_people_and_phones_are_read_by_the_vocabulary():
    assert form_values.parse("phone", "+84 912 000 017", {}) == "0912000017"
    assert form_values.parse("id-number", "001 099 000 017", {}) == "001099000017"
    with pytest.raises(form_values.Unreadable) as unreadable:
        form_values.parse("phone", "0112000017", {})
    assert unreadable.value.code == "phone-prefix"
