"""`motcua-sign`. Exit codes: 0 signed, 1 refused, 2 wrong use, 75 the portal cannot be reached."""

import argparse
import getpass
import json
import sys
import urllib.error
import urllib.request
from base64 import b64decode, b64encode
from pathlib import Path

from motcua_sign.cms import detached
from motcua_sign.token import Refused, opened, tokens

REFUSED, AWAY = 1, 75
OURS = b"motcua "
LARGEST = 1000
WAIT_SECONDS = 30


class Away(Exception):
    """The portal cannot be reached."""


def main(arguments: list[str] | None = None) -> int:
    parser = _parser()
    asked = parser.parse_args(arguments)
    if asked.send and not asked.registration:
        parser.error("--send needs --registration")
    if not asked.list and not asked.challenge:
        parser.error("which challenge? Give its file, or its base64 text with --text")
    try:
        return _list(asked) if asked.list else _sign(asked)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return REFUSED
    except Away as away:
        print(away, file=sys.stderr)
        return AWAY


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="motcua-sign", description="Sign a portal's challenge with a token."
    )
    parser.add_argument("challenge", nargs="?", help="the file that was downloaded; - reads standard input")
    parser.add_argument("--text", action="store_true", help="CHALLENGE is base64 text itself")
    parser.add_argument("--module", required=True, help="the PKCS#11 library of the token")
    parser.add_argument("--token", help="its label, where several are plugged in")
    parser.add_argument("--certificate", help="its label, where the token has several")
    parser.add_argument("--pin-file", type=Path, help="by itself the PIN is asked for")
    parser.add_argument("--output", type=Path, help="DER; by itself base64 is printed")
    parser.add_argument("--send", metavar="URL", help="send it to this portal instead")
    parser.add_argument("--registration", help="the id of the registration it is for")
    parser.add_argument("--list", action="store_true", help="what is plugged in, and its certificates")
    return parser


def _list(asked: argparse.Namespace) -> int:
    for label in tokens(asked.module):
        print(label)
        with opened(asked.module, label, None) as token:
            for card in token.certificates():
                print(f"  {card.label}: {card.certificate.subject.rfc4514_string()}")
    return 0


def _sign(asked: argparse.Namespace) -> int:
    content = _content(asked)
    with opened(asked.module, asked.token, _pin(asked)) as token:
        card, others = token.signer(asked.certificate)
        signature = detached(content, card.certificate, others, lambda data: token.sign(card, data))
    if asked.send:
        _send(asked.send, asked.registration, signature)
    elif asked.output:
        asked.output.write_bytes(signature)
    else:
        print(b64encode(signature).decode())
    return 0


def _content(asked: argparse.Namespace) -> bytes:
    """Nothing but a portal's challenge is signed: a signature is worth something elsewhere, too."""
    try:
        if asked.text:
            content = b64decode(asked.challenge, validate=True)
        elif asked.challenge == "-":
            content = sys.stdin.buffer.read(LARGEST + 1)
        else:
            content = Path(asked.challenge).read_bytes()
    except (OSError, ValueError) as error:
        raise Refused(f"The challenge cannot be read: {error}") from error
    if not content.startswith(OURS) or len(content) > LARGEST:
        raise Refused("This is no challenge of a portal. Nothing was signed.")
    return content


def _pin(asked: argparse.Namespace) -> str:
    try:
        return asked.pin_file.read_text().strip() if asked.pin_file else getpass.getpass("PIN: ")
    except OSError as error:
        raise Refused(f"The PIN cannot be read: {error}") from error


def _send(portal: str, registration: str, signature: bytes) -> None:
    url = f"{portal.rstrip('/')}/api/v1/registrations/{registration}/confirmation"
    body = json.dumps({"signature": b64encode(signature).decode()}).encode()
    headers = {"Content-Type": "application/json", "Accept-Language": "en"}
    asked = urllib.request.Request(url, body, headers)  # noqa: S310 - whose address its user types
    try:
        with urllib.request.urlopen(asked, timeout=WAIT_SECONDS):  # noqa: S310
            print("The portal has accepted the signature.")
    except urllib.error.HTTPError as error:
        raise _answered(error) from error
    except OSError as error:
        raise Away(f"{portal} cannot be reached: {error}") from error


def _answered(error: urllib.error.HTTPError) -> Exception:
    try:
        detail = str(json.loads(error.read())["detail"])
    except (ValueError, KeyError, TypeError):
        detail = f"The portal answered {error.code}."
    return Away(detail) if error.code >= 500 else Refused(detail)


def run() -> None:
    sys.exit(main())


if __name__ == "__main__":
    run()
