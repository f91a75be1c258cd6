"""What a file really is, by its content: names and declared types are not believed."""

import zipfile
from typing import BinaryIO

import puremagic

from vocabulary.refusals import Fault, Invalid, Unsupported
from vocabulary.text import Text

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SUFFIXES = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png", DOCX: ".docx"}
HEAD_BYTES = 4096


def recognise(stream: BinaryIO) -> str:
    """The media type, one of SUFFIXES; the stream is back at its start. Invalid when empty, Unsupported."""
    stream.seek(0)
    head = stream.read(HEAD_BYTES)
    if not head:
        text = Text("Tệp này trống. Hãy chọn tệp khác.", "This file is empty. Choose another one.")
        raise Invalid("file-empty", text.vi, text.en, [Fault("/file", "empty", text)])
    kind = _kind(head, stream)
    stream.seek(0)
    if kind is None:
        raise Unsupported(
            "file-kind",
            "Chỉ nhận tệp PDF, JPEG, PNG hoặc DOCX. Hãy chụp hoặc lưu lại giấy tờ ở một trong các dạng đó.",
            "Only PDF, JPEG, PNG or DOCX files are taken. Save or photograph the paper as one of these.",
        )
    return kind


def _kind(head: bytes, stream: BinaryIO) -> str | None:
    try:
        likely = {found.mime_type for found in puremagic.magic_string(head)}
    except puremagic.PureError:
        return None
    if DOCX in likely:
        return DOCX if _is_word(stream) else None
    return next((kind for kind in SUFFIXES if kind in likely), None)


def _is_word(stream: BinaryIO) -> bool:
    """Word, spreadsheet and plain archives begin alike; a document with macros is not taken."""
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            names = set(archive.namelist())
    except zipfile.BadZipFile:
        return False
    return "word/document.xml" in names and not any(name.endswith("vbaProject.bin") for name in names)
