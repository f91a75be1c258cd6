from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from chassis.needs import DURATION, NUMBER, WEB, Form, Need, Unfit, ring_for
from chassis.settings import Settings, env, text
from services.identity.adapters.back_channel import BackChannel, HttpBackChannel
from services.identity.adapters.certificates import Certificates, certificates, read_subjects
from services.identity.adapters.certificates.paths import read_pem
from services.identity.adapters.insurance_register import InsuranceRegister, insurance_register
from services.identity.adapters.mobile_signatures import MobileSignatures, mobile_signatures
from services.identity.adapters.passwords import Passwords
from services.identity.adapters.sim_register import SimRegister, sim_register
from services.identity.adapters.upstream import NEEDS as NEEDS_OF_UPSTREAM
from services.identity.adapters.upstream import NoUpstream, Upstream, upstream
from services.identity.model.rules import Rules

DEFAULT = Rules()


def _roots(name: str) -> None:
    place = text(name)
    try:
        found = read_pem(place) if place else []
    except OSError as error:
        raise Unfit(f"cannot be read: {error.strerror}") from error
    if place and not found:
        raise Unfit("has no certificate in it")


ROOTS = Form("a file or folder of certificates in PEM", _roots)
SUBJECTS = Form(
    "a TOML file like certificate-subjects.toml", lambda name: text(name) and read_subjects(Path(text(name)))
)
NEEDS = (
    ring_for("notify"),
    ring_for("dossier"),
    Need("SIM_REGISTER_URL", WEB, without="nobody can register by phone"),
    Need("INSURANCE_REGISTER_URL", WEB, without="nobody can register by social insurance"),
    Need("POPULATION_REGISTER_URL", WEB),
    Need("CERTIFICATE_ROOTS", ROOTS, without="nobody can prove who they are by a certificate"),
    Need("CERTIFICATE_SUBJECTS", SUBJECTS),
    Need("MOBILE_SIGNATURE_URL", WEB, without="nobody can sign by SIM"),
    *NEEDS_OF_UPSTREAM,
    *(Need(f"ARGON2_{cost}", NUMBER) for cost in ("TIME_COST", "MEMORY_KIB", "PARALLELISM")),
    *(
        Need(name.upper(), DURATION if isinstance(default, timedelta) else NUMBER)
        for name, default in vars(DEFAULT).items()
    ),
)


@dataclass(frozen=True)
class IdentityPorts:
    """What identity's routes work with beside the database."""

    sim_register: SimRegister
    passwords: Passwords
    rules: Rules
    insurance_register: InsuranceRegister
    certificates: Certificates = field(default_factory=lambda: certificates(""))
    mobile: MobileSignatures = field(default_factory=lambda: mobile_signatures(""))
    upstream: Upstream = field(default_factory=NoUpstream)
    back_channel: BackChannel = field(default_factory=HttpBackChannel)


def from_environment(settings: Settings) -> IdentityPorts:  # noqa: ARG001 - what every service's `ports` takes
    """Durations are seconds, or as `5m`, `12h`. Without a register its way of proving is closed."""
    return IdentityPorts(
        sim_register=sim_register(text("SIM_REGISTER_URL", "")),
        passwords=Passwords(
            time_cost=env.int("ARGON2_TIME_COST", 2),
            memory_kib=env.int("ARGON2_MEMORY_KIB", 19_456),
            parallelism=env.int("ARGON2_PARALLELISM", 1),
        ),
        rules=rules(),
        insurance_register=insurance_register(text("INSURANCE_REGISTER_URL", "")),
        certificates=certificates(text("CERTIFICATE_ROOTS", ""), text("CERTIFICATE_SUBJECTS", "")),
        mobile=mobile_signatures(text("MOBILE_SIGNATURE_URL", "")),
        upstream=upstream(),
    )


def rules() -> Rules:
    """Each rule is the setting of its name in capitals, such as CODE_LIFETIME or CODES_PER_DAY."""
    return Rules(**{name: _setting(name.upper(), default) for name, default in vars(DEFAULT).items()})


def _setting(name: str, default: timedelta | int) -> Any:
    return env.timedelta(name, default) if isinstance(default, timedelta) else env.int(name, default)
