"""What comes in and goes out over HTTP."""

from services.identity.schemas.account import AccountAnswer
from services.identity.schemas.captcha import ChallengeAnswer, PictureAnswer
from services.identity.schemas.counter import (
    CheckBody,
    HandedOverAnswer,
    LookBody,
    RefuseBody,
    ResumptionBody,
    VisitAnswer,
)
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
from services.identity.schemas.sign_on import (
    ClaimsAnswer,
    ConsentsAnswer,
    DecisionBody,
    DiscoveryAnswer,
    LogoutAnswer,
    LogoutBody,
    SignOnBody,
    StepAnswer,
)
from services.identity.schemas.signing import SignatureBody, StepUpAnswer, StepUpBody
from services.identity.schemas.upstream import (
    UpstreamAnswerBody,
    UpstreamLoginAnswer,
    UpstreamRegistrationAnswer,
)

__all__ = [
    "AccountAnswer",
    "AwaitingCodeAnswer",
    "BusinessBody",
    "ChallengeAnswer",
    "CheckBody",
    "ClaimsAnswer",
    "ClientTokenAnswer",
    "CodeBody",
    "ConfirmationBody",
    "ConfirmedAnswer",
    "ConsentsAnswer",
    "DecisionBody",
    "DiscoveryAnswer",
    "HandedOverAnswer",
    "KeysAnswer",
    "LoginBody",
    "LogoutAnswer",
    "LogoutBody",
    "LookBody",
    "NewAccountAnswer",
    "PasswordBody",
    "PersonBody",
    "PictureAnswer",
    "RefreshBody",
    "RefuseBody",
    "RegistrationAnswer",
    "RegistrationBody",
    "ResumptionBody",
    "SignOnBody",
    "SignatureBody",
    "StepAnswer",
    "StepUpAnswer",
    "StepUpBody",
    "TokensAnswer",
    "UpstreamAnswerBody",
    "UpstreamLoginAnswer",
    "UpstreamRegistrationAnswer",
    "VisitAnswer",
]
