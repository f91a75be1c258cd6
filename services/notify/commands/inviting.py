"""The link that lets somebody into an agency's desk, by SMS or e-mail: they have no account yet."""

from sqlalchemy import select

from chassis.unit_of_work import UnitOfWork
from contracts.identity import OfficialInvited
from services.notify.commands.telling import deliver, templates
from services.notify.model.templates import moment
from services.notify.tables import agencies

NAME = "invitation"


def send(uow: UnitOfWork, event: OfficialInvited) -> None:
    """The delivery owns its data key, destroyed once it is settled; too late, it is not sent."""
    language, link = event.language, uow.unseal(event.link)
    values = {
        "agency": _agency(uow, event.invited_to, language),
        "link": link,
        "until": moment(event.expires_at, language),
    }
    content = {
        "to": uow.unseal(event.to),
        "text": templates().say(NAME, language, event.channel, values),
    }
    if event.channel == "mail":
        content["subject"] = templates().say(NAME, language, "title", values)
    deliver(uow, None, event.channel, NAME, content, expires_at=event.expires_at)


def _agency(uow: UnitOfWork, code: str, language: str) -> str:
    """Its name; its code while the catalogue has not said it."""
    name = agencies.c.name_en if language == "en" else agencies.c.name_vi
    return uow.session.scalars(select(name).where(agencies.c.code == code)).one_or_none() or code
