"""An agency's officials, for its administrators."""

from typing import Any
from uuid import UUID

from chassis import paging
from chassis.auth import allow, principal
from chassis.unit_of_work import UnitOfWork
from chassis.web import api, unit_of_work
from services.identity import queries
from services.identity.commands import officials
from services.identity.model.account import Account
from services.identity.schemas import officials as schemas
from vocabulary.people import mask_phone
from vocabulary.refusals import Malformed

blueprint = api("officials")
ADMINISTRATORS = ("administrator",)


@blueprint.route("/agency/officials", methods=["GET"])
@allow("official", roles=ADMINISTRATORS)
@blueprint.arguments(schemas.OfficialsQuery, location="query")
@blueprint.response(200, schemas.OfficialPage)
def list_officials(_: dict[str, Any]) -> dict[str, Any]:
    """The agency's officials in the order they came; removed ones are not listed."""
    cursor, limit = paging.read()
    after = _position(cursor)
    with unit_of_work() as uow:
        officials.administrators_with(uow, principal().account, principal().agency)
        found = queries.officials_after(uow, principal().agency or "", after, limit + 1)
        uow.fetch_keys([account.id for account in found])
        items = [_shown(uow, account) for account in found[:limit]]
    more = paging.cursor_of(str(found[limit - 1].id)) if len(found) > limit else None
    return {"items": items, "next_cursor": more}


@blueprint.route("/agency/officials/<uuid:id>", methods=["GET"])
@allow("official", roles=ADMINISTRATORS)
@blueprint.response(200, schemas.OfficialAnswer)
def show(id: UUID) -> dict[str, Any]:
    """One of the agency's officials."""
    with unit_of_work() as uow:
        return _shown(uow, officials.shown(uow, *_who(), id))


@blueprint.route("/agency/officials/<uuid:id>/roles", methods=["PUT"])
@allow("official", roles=ADMINISTRATORS)
@blueprint.arguments(schemas.RolesBody)
@blueprint.response(200, schemas.OfficialAnswer)
def change_roles(body: dict[str, Any], id: UUID) -> dict[str, Any]:
    """From their next access token on, within ACCESS_LIFETIME. 409 for the last administrator's own."""
    with unit_of_work() as uow:
        return _shown(uow, officials.change_roles(uow, *_who(), id, body["roles"]))


@blueprint.route("/agency/officials/<uuid:id>/suspension", methods=["POST"])
@allow("official", roles=ADMINISTRATORS)
@blueprint.response(200, schemas.OfficialAnswer)
def suspend(id: UUID) -> dict[str, Any]:
    """They cannot log in, and their sessions end. 409 for the last administrator."""
    with unit_of_work() as uow:
        return _shown(uow, officials.suspend(uow, *_who(), id))


@blueprint.route("/agency/officials/<uuid:id>/suspension", methods=["DELETE"])
@allow("official", roles=ADMINISTRATORS)
@blueprint.response(200, schemas.OfficialAnswer)
def resume(id: UUID) -> dict[str, Any]:
    """They can log in again, with the roles they had."""
    with unit_of_work() as uow:
        return _shown(uow, officials.resume(uow, *_who(), id))


@blueprint.route("/agency/officials/<uuid:id>", methods=["DELETE"])
@allow("official", roles=ADMINISTRATORS)
@blueprint.response(204)
def remove(id: UUID) -> None:
    """For good: their sessions end, and the login is never given to anybody else."""
    with unit_of_work() as uow:
        officials.remove(uow, *_who(), id)


def _who() -> tuple[UUID, str]:
    return principal().account, principal().agency or ""


def _position(cursor: str | None) -> UUID:
    if cursor is None:
        return UUID(int=0)
    try:
        return UUID(paging.values_of(cursor, 1)[0])
    except ValueError:
        raise Malformed(
            "bad-cursor", "Trang này không còn. Hãy xem lại từ đầu.", "This page is gone. Start again."
        ) from None


def _shown(uow: UnitOfWork, account: Account) -> dict[str, Any]:
    person = queries.person_of(uow, account)
    return {
        "account_id": account.id,
        "login": person.login,
        "full_name": person.full_name,
        "phone": mask_phone(person.phone),
        "email": person.email,
        "roles": account.roles,
        "state": account.standing,
        "since": account.opened_at,
    }
