"""What comes in and goes out over HTTP."""

from services.identity.schemas.account import AccountAnswer
from services.identity.schemas.captcha import ChallengeAnswer, PictureAnswer
from services.identity.schemas.registering import (
    BusinessBody,
    CodeBody,
    ConfirmationBody,
    ConfirmedAnswer,
    NewAccountAnswer,
    PasswordBody,
    PersonBody,
    RegistrationAnswer,
    RegistrationBody,
)
from services.identity.schemas.sessions import (
    AwaitingCodeAnswer,
    ClientTokenAnswer,
    KeysAnswer,
    LoginBody,
    RefreshBody,
    TokensAnswer,
)

__all__ = [
    "AccountAnswer",
    "AwaitingCodeAnswer",
    "BusinessBody",
    "ChallengeAnswer",
    "ClientTokenAnswer",
    "CodeBody",
    "ConfirmationBody",
    "ConfirmedAnswer",
    "KeysAnswer",
    "LoginBody",
    "NewAccountAnswer",
    "PasswordBody",
    "PersonBody",
    "PictureAnswer",
    "RefreshBody",
    "RegistrationAnswer",
    "RegistrationBody",
    "TokensAnswer",
]
