from vocabulary.refusals import Fault, Invalid
from vocabulary.text import Text


def wrong() -> Invalid:
    return _refused(
        "captcha-wrong",
        "Phần xác thực chưa đúng. Hãy làm lại với mã mới.",
        "The check was not passed. Try again with a new one.",
    )


def expired() -> Invalid:
    return _refused(
        "captcha-expired",
        "Phần xác thực đã quá hạn. Hãy làm lại với mã mới.",
        "The check has expired. Try again with a new one.",
    )


def used() -> Invalid:
    return _refused(
        "captcha-used",
        "Phần xác thực này đã được dùng. Hãy làm lại với mã mới.",
        "This check was used already. Try again with a new one.",
    )


def _refused(code: str, vi: str, en: str) -> Invalid:
    return Invalid(code, vi, en, [Fault("/captcha", code, Text(vi, en))])
