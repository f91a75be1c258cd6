"""What is said when a register does not confirm, or does not answer.

Never which field was wrong: the answer must not help to find out another person's data.
"""

from dataclasses import dataclass
from datetime import timedelta

from services.identity.model.methods import RegisterName
from vocabulary.refusals import Invalid, Unavailable
from vocabulary.text import Text

ASK_AGAIN = timedelta(seconds=30)


@dataclass(frozen=True)
class Says:
    mismatch: Text
    away: Text


SAYS: dict[RegisterName, Says] = {
    "sim": Says(
        mismatch=Text(
            "Thông tin bạn nhập không khớp với thông tin thuê bao của nhà mạng. Hãy xem lại số căn cước, "
            "họ tên có dấu, ngày sinh, và dùng số điện thoại đứng tên chính bạn.",
            "What you entered does not match the mobile operator's records. Check the ID number, the full "
            "name with its marks and the date of birth, and use a phone number registered in your own name.",
        ),
        away=Text(
            "Chưa hỏi được nhà mạng để đối chiếu thông tin. Hãy thử lại sau ít phút.",
            "The mobile operator cannot be asked just now. Try again in a few minutes.",
        ),
    ),
    "insurance": Says(
        mismatch=Text(
            "Thông tin bạn nhập không khớp với cơ quan bảo hiểm xã hội. Hãy xem lại mã số BHXH, số căn cước, "
            "họ tên có dấu và ngày sinh.",
            "What you entered does not match the social insurance records. Check your social insurance "
            "number, the ID number, the full name with its marks and the date of birth.",
        ),
        away=Text(
            "Chưa hỏi được cơ quan bảo hiểm xã hội để đối chiếu thông tin. Hãy thử lại sau ít phút.",
            "The social insurance office cannot be asked just now. Try again in a few minutes.",
        ),
    ),
}


def mismatch(register: RegisterName) -> Invalid:
    said = SAYS[register].mismatch
    return Invalid("register-mismatch", said.vi, said.en)


def away(register: RegisterName) -> Unavailable:
    said = SAYS[register].away
    return Unavailable("register-away", said.vi, said.en, ASK_AGAIN)
