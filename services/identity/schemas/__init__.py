"""What comes in and goes out over HTTP."""

from services.identity.schemas.account import AccountAnswer
from services.identity.schemas.captcha import ChallengeAnswer, PictureAnswer
from services.identity.schemas.changes import (
    AgainBody,
    ForgottenBody,
    NewEmailBody,
    NewPasswordBody,
    NewPhoneBody,
    WaitingAnswer,
)
from services.identity.schemas.cooling import (
    CoolingAnswer,
    CoolingsAnswer,
    ExportAnswer,
    StopBody,
    StoppedAnswer,
)
from services.identity.schemas.counter import (
    CheckBody,
    HandedOverAnswer,
    LookBody,
    RefuseBody,
    ResumptionBody,
    VisitAnswer,
)
from services.identity.schemas.devices import EndedAnswer, SessionsAnswer
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
    "AgainBody",
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
    "CoolingAnswer",
    "CoolingsAnswer",
    "DecisionBody",
    "DiscoveryAnswer",
    "EndedAnswer",
    "ExportAnswer",
    "ForgottenBody",
    "HandedOverAnswer",
    "KeysAnswer",
    "LoginBody",
    "LogoutAnswer",
    "LogoutBody",
    "LookBody",
    "NewAccountAnswer",
    "NewEmailBody",
    "NewPasswordBody",
    "NewPhoneBody",
    "PasswordBody",
    "PersonBody",
    "PictureAnswer",
    "RefreshBody",
    "RefuseBody",
    "RegistrationAnswer",
    "RegistrationBody",
    "ResumptionBody",
    "SessionsAnswer",
    "SignOnBody",
    "SignatureBody",
    "StepAnswer",
    "StepUpAnswer",
    "StepUpBody",
    "StopBody",
    "StoppedAnswer",
    "TokensAnswer",
    "UpstreamAnswerBody",
    "UpstreamLoginAnswer",
    "UpstreamRegistrationAnswer",
    "VisitAnswer",
    "WaitingAnswer",
]
