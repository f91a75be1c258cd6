"""Builders that fill in what a test does not care about."""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from werkzeug.test import TestResponse

from chassis.testing import ServiceUnderTest
from contracts.catalog import AgencyPublished, AgencyRef, Document, Form, ProcedurePublished, TimeLimit
from contracts.event import Name
from contracts.identity import AccountRegistered

A, B = "H01", "H55.242"
MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""Monday 23 November 2026, 9:00 in Viet Nam; the 24th is a day off."""

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 40
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + b"\x00" * 40

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "full_name": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"\S"},
        "id_number": {"type": "string", "format": "vn-id-number"},
        "date_of_birth": {"type": "string", "format": "date"},
        "phone": {"type": "string", "format": "vn-phone"},
        "married": {"type": "string", "enum": ["yes", "no"]},
        "spouse": {"type": "string", "minLength": 1},
        "spouse_email": {"type": "string", "format": "email"},
        "copies": {"type": "integer", "minimum": 1, "maximum": 20},
    },
    "required": ["full_name", "id_number", "date_of_birth", "phone", "married"],
    "additionalProperties": False,
    "allOf": [
        {
            "if": {"properties": {"married": {"enum": ["yes"]}}, "required": ["married"]},
            "then": {"required": ["spouse"]},
            "else": {"properties": {"spouse": False}},
        },
        {
            "if": {"properties": {"spouse": {"minLength": 1}}, "required": ["spouse"]},
            "then": {},
            "else": {"properties": {"spouse_email": False}},
        },
    ],
}
LAYOUT: list[dict[str, Any]] = [
    {
        "id": "you",
        "title": "Bạn",
        "fields": [
            {"name": "full_name", "label": "Họ và tên", "label_en": "Full name"},
            {"name": "spouse", "label": "Họ tên vợ hoặc chồng", "label_en": "Spouse's name"},
        ],
    }
]
GOOD: dict[str, Any] = {
    "full_name": "Nguyễn Thị An",
    "id_number": "001199000017",
    "date_of_birth": "1999-02-03",
    "phone": "0912000017",
    "married": "no",
}
DOCUMENTS = [
    Document(id="id-card", name=Name("Thẻ căn cước", "ID card"), required=True),
    Document(
        id="certificate",
        name=Name("Giấy chứng nhận kết hôn", "Marriage certificate"),
        required=True,
        when={"field": "married", "values": ["yes"]},
    ),
    Document(id="photo", name=Name("Ảnh", "Photograph"), required=False),
]


def agency(code: str) -> AgencyPublished:
    return AgencyPublished(code=code, name=Name(f"Cơ quan {code}", f"Agency {code}"), level="commune")


def procedure(**changes: Any) -> ProcedurePublished:
    facts: dict[str, Any] = {
        "code": "1.004873",
        "version": 1,
        "name": Name("Giấy xác nhận tình trạng hôn nhân", "Marital status certificate"),
        "audience": ["citizen"],
        "event": "hon-nhan",
        "sector": Name("Hộ tịch", "Civil status"),
        "agency_level": "commune",
        "service_level": "full",
        "assurance": "medium",
        "result": Name("Giấy xác nhận", "Certificate"),
        "agencies": [AgencyRef(code, agency(code).name) for code in (A, B)],
        "documents": DOCUMENTS,
        "form": Form(schema=SCHEMA, layout=LAYOUT),
        "fees": [],
        "time_limits": [
            TimeLimit(channel="counter", amount=9, unit="working-days"),
            TimeLimit(channel="online", amount=3, unit="working-days"),
        ],
        "published_at": MONDAY,
    }
    return ProcedurePublished(**facts | changes)


def registered(
    sut: ServiceUnderTest, account: UUID, kind: Literal["citizen", "business"] = "citizen", **profile: Any
) -> AccountRegistered:
    known = {"full_name": "Nguyễn Thị An", "id_number": "001199000017", "phone": "0912000017"}
    return AccountRegistered(
        account=account,
        kind=kind,
        assurance="medium",
        language="vi",
        contact=sut.sealed("{}", "notify"),
        profile=sut.sealed(json.dumps(known | profile), "dossier"),
        at=MONDAY,
    )


def docx(*more: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in ("[Content_Types].xml", "word/document.xml", *more):
            archive.writestr(name, "<x/>")
    return file.getvalue()


@dataclass
class Person:
    """An applicant at the API."""

    sut: ServiceUnderTest
    account: UUID
    headers: dict[str, str]

    @classmethod
    def new(cls, sut: ServiceUnderTest, assurance: str = "medium") -> "Person":
        account = uuid4()
        return cls(sut, account, sut.as_citizen(account, assurance))

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        client = self.sut.app.test_client()
        return client.open(
            f"/api/v1{path}", method=method, json=body, headers=self.headers | named, buffered=True
        )

    def begin(self, form: Mapping[str, Any] = GOOD, agency: str = A, procedure: str = "1.004873") -> Any:
        body = {"procedure": procedure, "agency": agency, "form": form}
        answer = self.call("POST", "/dossiers", body)
        assert answer.status_code == 201, answer.json
        return answer.json

    def upload(
        self, key: str, content: bytes = PDF, name: str = "the.pdf", document: str = "id-card", **headers: str
    ) -> TestResponse:
        data = {"document": document, "file": (io.BytesIO(content), name)}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        client = self.sut.app.test_client()
        return client.post(f"/api/v1/dossiers/{key}/files", data=data, headers=self.headers | named)

    def ready(self, agency: str = A) -> str:
        """The id of a draft that lacks nothing."""
        draft: str = self.begin(agency=agency)["id"]
        assert self.upload(draft).status_code == 201
        return draft

    def submit(self, draft: str, key: str | None = None) -> TestResponse:
        return self.call("POST", f"/dossiers/{draft}/submission", Idempotency_Key=key or str(uuid4()))

    def submitted(self, agency: str = A) -> str:
        """The code of a dossier that was just submitted."""
        answer = self.submit(self.ready(agency))
        assert answer.status_code == 201, answer.json
        code: str = answer.json["code"] if answer.json else ""
        return code


@dataclass
class Desk:
    """An official of one agency at the API."""

    sut: ServiceUnderTest
    headers: dict[str, str]

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        client = self.sut.app.test_client()
        return client.open(
            f"/api/v1/desk/dossiers{path}",
            method=method,
            json=body,
            headers=self.headers | named,
            buffered=True,
        )

    def read(self, code: str) -> Any:
        answer = self.call("GET", f"/{code}")
        assert answer.status_code == 200, answer.json
        return answer.json

    def decide(
        self, code: str, action: str, reason: str | None = None, version: int | None = None
    ) -> TestResponse:
        seen = version or self.read(code)["version"]
        body = {"action": action} | ({"reason": reason} if reason else {})
        return self.call("POST", f"/{code}/decisions", body, If_Match=f'"{seen}"')
