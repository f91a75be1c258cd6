import hashlib
import os
import time
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from chassis.testing import ServiceUnderTest
from services.dossier.model.papers import tidy_file_name
from tests.dossier.builders import JPEG, PDF, PNG, Desk, Person, docx

MACRO = docx("word/vbaProject.bin")


def kept(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_is_kept_with_its_digest_and_given_back_as_an_attachment(an: Person, folder: Path) -> None:
    draft = an.begin()["id"]
    answer = an.upload(draft, PDF, "/giấy tờ/thẻ căn cước.PDF")
    assert answer.status_code == 201
    assert answer.json
    file = answer.json
    assert file["name"] == "thẻ căn cước.pdf"
    assert file["document"] == "id-card"
    assert file["size"] == len(PDF)
    assert file["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert file["scan"] == "unscanned"
    (stored,) = kept(folder)
    assert stored.read_bytes() == PDF
    assert "căn cước" not in stored.name
    read = an.call("GET", f"/dossiers/{draft}/files/{file['id']}")
    assert read.data == PDF
    assert read.headers["X-Content-Type-Options"] == "nosniff"
    assert read.headers["Content-Disposition"].startswith("attachment")
    assert read.headers["Content-Type"] == "application/pdf"


@pytest.mark.parametrize(
    ("content", "name"), [(PDF, "a.pdf"), (PNG, "a.png"), (JPEG, "a.jpg"), (docx(), "a.docx")]
)
def test_four_kinds_are_taken_by_their_content(an: Person, content: bytes, name: str) -> None:
    answer = an.upload(an.begin()["id"], content, "whatever.exe")
    assert answer.status_code == 201
    assert answer.json
    assert answer.json["name"] == f"whatever.exe{name[1:]}"


@pytest.mark.parametrize(
    "content",
    [b"MZ" + b"\0" * 100, b"<html><script>alert(1)</script>", b"plain words", docx()[:40] + b"x" * 99, MACRO],
)
def test_other_kinds_are_refused_whatever_they_are_called(an: Person, folder: Path, content: bytes) -> None:
    assert an.upload(an.begin()["id"], content, "paper.pdf").status_code == 415
    assert kept(folder) == []


def test_an_empty_file_is_refused(an: Person) -> None:
    refused = an.upload(an.begin()["id"], b"")
    assert refused.status_code == 422
    assert refused.json
    assert refused.json["code"] == "file-empty"


def test_a_file_over_the_limit_is_refused_and_leaves_nothing(an: Person, folder: Path) -> None:
    assert an.upload(an.begin()["id"], PDF + b"x" * 64 * 1024).status_code == 413
    assert kept(folder) == []


def test_document_and_file_are_both_needed_and_the_document_known(an: Person) -> None:
    draft = an.begin()["id"]
    bare = an.sut.client.post(f"/api/v1/dossiers/{draft}/files", data={}, headers=an.headers)
    assert bare.status_code == 422
    assert bare.json
    assert {e["pointer"] for e in bare.json["errors"]} == {"/document", "/file"}
    unknown = an.upload(draft, document="passport")
    assert unknown.status_code == 422
    assert unknown.json
    assert [e["pointer"] for e in unknown.json["errors"]] == ["/document"]


def test_a_dossier_holds_only_so_many_files(an: Person, folder: Path) -> None:
    draft = an.begin()["id"]
    assert [an.upload(draft).status_code for _ in range(4)] == [201, 201, 201, 409]
    assert len(kept(folder)) == 3


def upload_with_key(an: Person, draft: str, boundary: str, content: bytes = PDF) -> TestResponse:
    """As a client sends it, which makes a new boundary for every try."""
    part = f"--{boundary}\r\nContent-Disposition: form-data; name=".encode()
    body = (
        part
        + b"document\r\n\r\nid-card\r\n"
        + part
        + b"file; filename=a.pdf\r\n\r\n"
        + content
        + f"\r\n--{boundary}--\r\n".encode()
    )
    media = f"multipart/form-data; boundary={boundary}"
    headers = an.headers | {"Idempotency-Key": "k", "Content-Type": media}
    return an.sut.client.post(f"/api/v1/dossiers/{draft}/files", data=body, headers=headers)


def test_the_same_upload_again_is_the_same_file(an: Person, folder: Path) -> None:
    draft = an.begin()["id"]
    first, again = (upload_with_key(an, draft, boundary) for boundary in ("x", "y"))
    assert first.status_code == again.status_code == 201
    assert first.json == again.json
    (stored,) = kept(folder)
    assert stored.read_bytes() == PDF


def test_another_file_under_the_same_key_is_a_mistake(an: Person, folder: Path) -> None:
    draft = an.begin()["id"]
    upload_with_key(an, draft, "x")
    other = upload_with_key(an, draft, "x", PDF + b"other")
    assert other.status_code == 422
    assert other.json
    assert other.json["code"] == "key-reused"


def test_a_file_can_be_taken_off_the_draft_and_makes_it_a_new_version(an: Person) -> None:
    draft = an.begin()["id"]
    file = (an.upload(draft).json or {})["id"]
    assert an.call("DELETE", f"/dossiers/{draft}/files/{file}").status_code == 204
    assert an.call("DELETE", f"/dossiers/{draft}/files/{file}").status_code == 404
    now = an.call("GET", f"/dossiers/{draft}")
    assert now.json
    assert now.json["files"] == []
    assert now.headers["ETag"] == '"3"'


def test_files_of_another_are_not_there(
    sut: ServiceUnderTest, an: Person, desk: Desk, other_desk: Desk
) -> None:
    draft = an.ready()
    file = an.call("GET", f"/dossiers/{draft}").json["files"][0]["id"]  # type: ignore[index]
    code = an.submit(draft).json["code"]  # type: ignore[index]
    assert an.call("GET", f"/dossiers/{code}/files/{file}").data == PDF
    assert desk.call("GET", f"/{code}/files/{file}").data == PDF
    assert desk.call("GET", f"/{code}/files/{uuid4()}").status_code == 404
    assert other_desk.call("GET", f"/{code}/files/{file}").status_code == 404
    assert Person.new(sut).call("GET", f"/dossiers/{code}/files/{file}").status_code == 404


def test_orphans_are_swept_after_an_hour_and_nothing_else(
    sut: ServiceUnderTest, an: Person, folder: Path
) -> None:
    an.ready()
    (wanted,) = kept(folder)
    thrown_away = an.ready()
    an.call("DELETE", f"/dossiers/{thrown_away}")
    (folder / "incoming" / "half").write_bytes(b"%PDF")
    sut.clock.now = sut.clock.now.fromtimestamp(time.time(), sut.clock.now.tzinfo)
    sut.tick("sweep files")
    assert len(kept(folder)) == 3
    long_ago = time.time() - timedelta(minutes=61).total_seconds()
    for path in kept(folder):
        os.utime(path, (long_ago, long_ago))
    sut.tick("sweep files")
    assert kept(folder) == [wanted]


@pytest.mark.parametrize(
    ("given", "tidy"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\giấy tờ\\bản sao.PDF", "bản sao.pdf"),
        ("a\u202efdp.exe", "afdp.exe.pdf"),
        ("  bản   sao.pdf ", "bản sao.pdf"),
        ("", "tep.pdf"),
        ("...", "tep.pdf"),
        ("x" * 500 + ".pdf", "x" * 116 + ".pdf"),
        ("a\u0302.pdf", "â.pdf"),
        ('q"uo\r\nte.pdf', "quote.pdf"),
    ],
)
def test_names_of_files_are_made_harmless(given: str, tidy: str) -> None:
    assert tidy_file_name(given, ".pdf") == tidy


def test_what_a_file_is_called_is_not_stored_in_clear(sut: ServiceUnderTest, an: Person, desk: Desk) -> None:
    draft = an.begin()["id"]
    an.upload(draft, name="CCCD 001199000017 Nguyễn Thị An.pdf")
    stored = sut.everything_stored()
    assert "Nguyễn" not in stored
    assert "001199000017" not in stored
    code = (an.submit(draft).json or {})["code"]
    assert [file["name"] for file in desk.read(code)["files"]] == ["CCCD 001199000017 Nguyễn Thị An.pdf"]
