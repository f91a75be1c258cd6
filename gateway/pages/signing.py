"""What the pages for signing share, of a registration and of a session: challenge, file, phone."""

from base64 import b64decode, b64encode
from collections.abc import Callable

from flask import Response, render_template, request

from gateway.backend import Json, Problem
from gateway.texts import t

LARGEST = 64 * 1024
Page = str | tuple[str, int]


def challenge_file(found: Json) -> Response:
    """The bytes to sign, to be kept as a file."""
    headers = {"Content-Disposition": 'attachment; filename="challenge.bin"', "Cache-Control": "no-store"}
    return Response(b64decode(found["challenge"]), headers=headers, mimetype="application/octet-stream")


def uploaded() -> str | None:
    """The signature in base64, of a file in DER, PEM or base64; None: none was chosen, or too large a one."""
    file = request.files.get("signature")
    content = file.read(LARGEST + 1) if file and file.filename else b""
    if not content or len(content) > LARGEST:
        return None
    if content.startswith(b"\x30"):
        return b64encode(content).decode()
    lines = content.decode("ascii", "replace").split("\n")
    return "".join(line.strip() for line in lines if not line.startswith("-----"))


def take(send: Callable[[str], object], page: Callable[[str | None], str]) -> Page | None:
    """Sends what was uploaded; the page again with what is wrong, or None when it was accepted."""
    signature = uploaded()
    if signature is None:
        return page(t("sign.choose")), 422
    try:
        send(signature)
    except Problem as refused:
        if refused.status not in (413, 422, 503):
            raise
        return page(refused.of().get("signature") or refused.detail), refused.status
    return None


def draw(found: Json, address: str, **more: object) -> str:
    """`found` is a registration or step-up that waits; `address` is its page's."""
    return render_template("sign/sign.html", it=found, address=address, **more)
