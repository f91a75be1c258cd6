"""How often something may be done in a while, and what is said when it was done too often."""

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Literal

from services.identity.model.rules import Rules
from vocabulary.refusals import TooMany, Unavailable

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BLOCK_DIGITS = 7
"""Of ten: a thousand numbers that lie beside each other, as those who sell text messages own them."""
Name = Literal[
    "address-failures", "address-registrations", "block-registration", "block-login", "sms-hour", "sms-day"
]


@dataclass(frozen=True)
class Limit:
    """At most `most` in `within`, which begins with the first."""

    name: Name
    most: int
    within: timedelta


def address_failures(rules: Rules) -> Limit:
    """Passwords and codes that were wrong, from one address, known devices left out."""
    return Limit("address-failures", rules.address_failures_per_hour, HOUR)


def address_registrations(rules: Rules) -> Limit:
    """Begun from one address, and no code confirmed."""
    return Limit("address-registrations", rules.address_registrations_per_hour, HOUR)


def block(rules: Rules, purpose: Literal["registration", "login"]) -> Limit:
    """Apart, as for one number: strangers' registrations must not use up what people log in with."""
    name: Name = "block-registration" if purpose == "registration" else "block-login"
    return Limit(name, rules.block_codes_per_hour, HOUR)


def sms_budget(rules: Rules) -> tuple[Limit, Limit]:
    """Of the whole installation: what its text messages may cost."""
    return Limit("sms-hour", rules.sms_per_hour, HOUR), Limit("sms-day", rules.sms_per_day, DAY)


def address_block(address: str) -> str:
    """What one subscriber holds: of IPv6 a network of 64 bits (RFC 6177 gives more), of IPv4 one address."""
    try:
        prefix = 64 if ip_address(address).version == 6 else 32
    except ValueError:
        return address
    return str(ip_network((address, prefix), strict=False))


def too_often(wait: timedelta) -> TooMany:
    """For an address and for a block of numbers: which of both is not said."""
    return TooMany(
        "too-often",
        "Có quá nhiều lần thử từ mạng hoặc nhóm số điện thoại của bạn. Hãy chờ rồi thử lại.",
        "There were too many attempts from your network, or to your range of phone numbers. "
        "Wait, then try again.",
        wait,
    )


def no_more_messages(wait: timedelta) -> Unavailable:
    return Unavailable(
        "sms-budget",
        "Cổng tạm ngừng gửi tin nhắn vì có quá nhiều yêu cầu. Hãy thử lại sau. Bạn vẫn đăng nhập được trên "
        "thiết bị đã dùng.",
        "The portal sends no text messages for a while: too many were asked for. Try again later. You can "
        "still log in on a device that you used before.",
        wait,
    )
