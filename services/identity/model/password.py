import unicodedata

from vocabulary.refusals import Fault, Invalid
from vocabulary.text import Text

SHORTEST = 8
LONGEST = 128


def tidy_password(password: str) -> str:
    """Composed letters (NFC): the same password typed on two Vietnamese keyboards is the same."""
    return unicodedata.normalize("NFC", password)


def check_password(password: str, login: str, common: frozenset[str]) -> None:
    """Length and a block list, no forced signs (NIST SP 800-63B §3.1.1.2): a code is the second factor.

    `common` is the block list, case-folded. Invalid with one fault at `/password`.
    """
    tidy = tidy_password(password).casefold()
    if len(tidy) < SHORTEST:
        raise _weak(
            "password-too-short",
            f"Mật khẩu cần ít nhất {SHORTEST} ký tự.",
            f"A password needs at least {SHORTEST} characters.",
        )
    if len(tidy) > LONGEST:
        raise _weak(
            "password-too-long",
            f"Mật khẩu dài nhất {LONGEST} ký tự.",
            f"A password has at most {LONGEST} characters.",
        )
    if login.casefold() in tidy:
        raise _weak(
            "password-has-login",
            "Mật khẩu không được chứa tên đăng nhập hay số căn cước.",
            "A password must not contain your login or ID number.",
        )
    if tidy in common:
        raise _weak(
            "password-common",
            "Mật khẩu này quá nhiều người dùng, rất dễ đoán. Hãy chọn mật khẩu khác.",
            "Too many people use this password; it is easy to guess. Choose another.",
        )


def _weak(code: str, vi: str, en: str) -> Invalid:
    return Invalid(code, vi, en, [Fault("/password", code, Text(vi, en))])
