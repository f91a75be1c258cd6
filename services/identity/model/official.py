"""The people of an agency: their roles there, and how they come and go."""

from collections.abc import Collection, Iterable
from typing import Literal, get_args

from services.identity.model.account import Account
from vocabulary.refusals import Conflict, Fault, Forbidden, Invalid, NotFound
from vocabulary.text import Text

Role = Literal["receiver", "handler", "approver", "administrator"]
ROLES: tuple[Role, ...] = get_args(Role)
ADMINISTRATOR: Role = "administrator"


def parse_roles(given: Iterable[str]) -> list[str]:
    """In the house's order, each once. Invalid `roles` when there is none, or one that does not exist."""
    asked = set(given)
    if not asked or asked - set(ROLES):
        text = Text(
            "Chọn ít nhất một vai trò: tiếp nhận, xử lý, phê duyệt, quản trị.",
            f"Choose at least one of the roles: {', '.join(ROLES)}.",
        )
        raise Invalid("roles", text.vi, text.en, [Fault("/roles", "roles", text)])
    return [role for role in ROLES if role in asked]


def administers(account: Account) -> bool:
    return account.kind == "official" and account.standing == "active" and ADMINISTRATOR in account.roles


def check_another_stays(administrators: Collection[Account], leaving: Account) -> None:
    """Conflict when nobody would be left to administer the agency's accounts."""
    if leaving in administrators and len(administrators) == 1:
        raise Conflict(
            "last-administrator",
            "Đây là người quản trị cuối cùng của cơ quan. Hãy giao vai trò quản trị cho người khác trước.",
            "This is the agency's last administrator. Make somebody else an administrator first.",
        )


def check_not_removed(official: Account) -> None:
    if official.standing == "removed":
        raise Conflict(
            "official-removed",
            "Tài khoản cán bộ này đã được gỡ khỏi cơ quan. Muốn làm việc lại cần lời mời mới.",
            "This official was removed from the agency. To come back they need a new invitation.",
        )


def not_administrator() -> Forbidden:
    return Forbidden(
        "not-administrator",
        "Chỉ người quản trị của cơ quan được làm việc này.",
        "Only an administrator of the agency may do this.",
    )


def no_such_official() -> NotFound:
    """Officials of other agencies are not there either."""
    return NotFound("no-such-official", "Cơ quan không có cán bộ này.", "The agency has no such official.")
