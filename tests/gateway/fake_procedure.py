"""A published procedure with every kind of field, for tests of the pages."""

from typing import Any


def asked(
    name: str, label: str, label_en: str, widget: str, required: bool = True, **more: Any
) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "label_en": label_en,
        "widget": widget,
        "required": required,
        **more,
    }


def one(value: str, label: str, label_en: str) -> dict[str, str]:
    return {"value": value, "label": label, "label_en": label_en}


CHILD = {
    "id": "child",
    "title": "Thông tin của trẻ",
    "title_en": "About the child",
    "hint": "Ghi đúng như trên giấy chứng sinh.",
    "hint_en": "As written on the birth certificate.",
    "fields": [
        asked("child_name", "Họ, chữ đệm, tên của trẻ", "Full name of the child", "text"),
        asked("child_birth", "Ngày sinh của trẻ", "Date of birth", "date"),
        asked(
            "born_in",
            "Nơi sinh",
            "Place of birth",
            "radio",
            options=[
                one("hospital", "Bệnh viện, cơ sở y tế", "Hospital or clinic"),
                one("home", "Tại nhà hoặc nơi khác", "At home or elsewhere"),
            ],
        ),
        asked(
            "hospital",
            "Tên bệnh viện, cơ sở y tế",
            "Name of the hospital",
            "text",
            show_when={"field": "born_in", "values": ["hospital"]},
        ),
        asked(
            "witness_phone",
            "Điện thoại của người làm chứng",
            "Phone of the witness",
            "phone",
            show_when={"field": "born_in", "values": ["home"]},
        ),
    ],
}
PARENTS = {
    "id": "parents",
    "title": "Cha, mẹ và người đi khai",
    "title_en": "Parents and applicant",
    "fields": [
        asked("applicant_name", "Họ tên người đi khai", "Name of the applicant", "text", prefill="full_name"),
        asked("applicant_id", "Số căn cước", "Identity number", "id-number", False, prefill="id_number"),
        asked("applicant_email", "Thư điện tử", "E-mail", "email", False, prefill="email"),
        asked("mother_id", "Số căn cước của mẹ", "Identity number of the mother", "id-number"),
        asked(
            "relation",
            "Quan hệ với trẻ",
            "Relation to the child",
            "select",
            options=[
                one("father", "Cha", "Father"),
                one("mother", "Mẹ", "Mother"),
                one("other", "Người thân khác", "Another relative"),
            ],
        ),
    ],
}
COPIES = {
    "id": "copies",
    "title": "Bản sao và cam đoan",
    "title_en": "Copies and declaration",
    "fields": [
        asked("copies", "Số bản trích lục cần cấp", "Number of extracts", "number"),
        asked("support", "Số tiền hỗ trợ đã nhận, nếu có", "Support received, if any", "money", False),
        asked("note", "Điều cần nói thêm", "Anything to add", "textarea", False),
        asked("by_post", "Nhận kết quả qua bưu điện", "Send the result by post", "checkbox", False),
        asked(
            "address",
            "Địa chỉ nhận",
            "Postal address",
            "text",
            show_when={"field": "by_post", "values": [True]},
        ),
    ],
}
BIRTH: dict[str, Any] = {
    "code": "1.001193",
    "version": 1,
    "name": "Đăng ký khai sinh",
    "name_en": "Birth registration",
    "audience": ["citizen"],
    "assurance": "medium",
    "service_level": "full",
    "result": "Giấy khai sinh",
    "result_en": "Birth certificate",
    "agencies": [
        {"code": "H01", "name": "UBND phường Cửa Nam, Hà Nội", "name_en": "Cua Nam ward office, Ha Noi"},
        {"code": "H02", "name": "UBND phường Hải Châu, Đà Nẵng", "name_en": "Hai Chau ward office, Da Nang"},
    ],
    "documents": [
        {
            "id": "birth",
            "name": "Giấy chứng sinh",
            "name_en": "Birth certificate of the clinic",
            "required": True,
        },
        {
            "id": "marriage",
            "name": "Giấy chứng nhận kết hôn của cha mẹ",
            "name_en": "Marriage certificate of the parents",
            "required": False,
            "case": "Nếu cha mẹ đã đăng ký kết hôn",
            "case_en": "If the parents are married",
        },
    ],
    "fees": [{"name": "Lệ phí", "name_en": "Fee", "channel": "online", "amount": 0, "currency": "VND"}],
    "time_limits": [{"channel": "online", "amount": 0, "unit": "same-day"}],
    "form": {
        "schema": {
            "type": "object",
            "required": [
                "child_name",
                "child_birth",
                "born_in",
                "applicant_name",
                "mother_id",
                "relation",
                "copies",
            ],
            "properties": {
                "child_name": {"type": "string", "minLength": 2, "maxLength": 60},
                "child_birth": {"type": "string", "format": "date"},
                "born_in": {"type": "string", "enum": ["hospital", "home"]},
                "hospital": {"type": "string"},
                "witness_phone": {"type": "string", "format": "vn-phone"},
                "applicant_name": {"type": "string"},
                "applicant_id": {"type": "string", "format": "vn-id-number"},
                "applicant_email": {"type": "string", "format": "email"},
                "mother_id": {"type": "string", "format": "vn-id-number"},
                "relation": {"type": "string", "enum": ["father", "mother", "other"]},
                "copies": {"type": "integer", "minimum": 0, "maximum": 20},
                "support": {"type": "integer", "minimum": 0},
                "note": {"type": "string", "maxLength": 500},
                "by_post": {"type": "boolean"},
                "address": {"type": "string"},
            },
        },
        "layout": [CHILD, PARENTS, COPIES],
    },
}
