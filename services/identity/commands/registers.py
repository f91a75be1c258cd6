"""Asking the registers of the state and of the operators whether a person is who they say."""

from chassis.http import Away
from services.identity.adapters.ports import IdentityPorts
from services.identity.model import registers
from services.identity.model.methods import Method
from services.identity.model.person import Person


def check(outside: IdentityPorts, method: Method, person: Person, insurance: str = "") -> None:
    """`insurance`: the social insurance number, asked for this and then forgotten.

    May take seconds. Invalid `register-mismatch`, Unavailable `register-away`."""
    if method.register is None:
        return
    try:
        confirmed = (
            outside.insurance_register.insures(person, insurance)
            if method.register == "insurance"
            else outside.sim_register.holds(person)
        )
    except Away:
        raise registers.away(method.register) from None
    if not confirmed:
        raise registers.mismatch(method.register)
