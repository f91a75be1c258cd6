"""What dossier hears. Copies of what others publish: repeated or late events change nothing."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.unit_of_work import UnitOfWork
from contracts.agency import Decision
from contracts.catalog import AgencyPublished, CalendarPublished, ProcedurePublished
from contracts.dossier import DecisionApplied, DecisionRejected
from contracts.event import Message, Name
from contracts.identity import AccountClosed, AccountRegistered
from services.dossier import queries
from services.dossier.commands import applicants, decisions
from services.dossier.model.history import Actor
from services.dossier.tables import agencies, calendar_years, procedures
from vocabulary.codes import agency_account
from vocabulary.refusals import Forbidden, Refusal


def keep_procedure(uow: UnitOfWork, event: ProcedurePublished) -> None:
    """Every version stays: it is what the drafts begun with it are held to."""
    row = {"code": event.code, "version": event.version, "published": msgspec.to_builtins(event)}
    uow.session.execute(upsert(procedures).values(row).on_conflict_do_nothing())


def keep_agency(uow: UnitOfWork, event: AgencyPublished) -> None:
    row = {"code": event.code, "account": agency_account(event.code), "name": event.name}
    _keep_newest(uow, agencies, "code", row)


def keep_calendar(uow: UnitOfWork, event: CalendarPublished) -> None:
    _keep_newest(uow, calendar_years, "year", {"year": event.year, "days": msgspec.to_builtins(event.days)})


def keep_applicant(uow: UnitOfWork, event: AccountRegistered) -> None:
    """The profile that the registers confirmed: an official sees it beside the answers."""
    applicants.keep(uow, event, _message(uow).sequence)


def forget_applicant(uow: UnitOfWork, event: AccountClosed) -> None:
    applicants.forget(uow, event, _message(uow).sequence)


def decide(uow: UnitOfWork, decision: Decision) -> None:
    """A back office's decision over AMQP. Applied or rejected, its sender is told which."""
    message = _message(uow)
    sender = queries.agency_with_account(uow, message.user) if message.user else None
    try:
        if sender is None:
            raise _unknown_sender()
        with uow.session.begin_nested():
            version = _apply(uow, decision, sender)
    except Refusal as refusal:
        _reject(uow, decision, sender, refusal)
        return
    uow.emit(
        DecisionApplied(decision_id=decision.decision_id, agency=sender, code=decision.code, version=version)
    )


def _apply(uow: UnitOfWork, decision: Decision, sender: str) -> int:
    dossier = decisions.decide(
        uow,
        Actor("agency", agency=sender),
        decision.code,
        decision.action,
        decision.reason,
        decision.expected_version,
        decision.decision_id,
    )
    return dossier.version_after(decision.decision_id) or dossier.version


def _reject(uow: UnitOfWork, decision: Decision, sender: str | None, refusal: Refusal) -> None:
    """Recorded; told to the broker account's own agency, never to one that the message claims."""
    message = _message(uow)
    decisions.record_refused(
        uow,
        refusal,
        message=message.id,
        decision=decision.decision_id,
        account=message.user,
        agency=sender,
        code=decision.code,
        action=decision.action,
    )
    if sender is not None:
        uow.emit(
            DecisionRejected(
                decision_id=decision.decision_id,
                agency=sender,
                code=decisions.told(decision.code),
                problem=refusal.code,
                detail=Name(refusal.detail.vi, refusal.detail.en),
            )
        )


def _unknown_sender() -> Forbidden:
    return Forbidden(
        "sender-unknown",
        "Không xác định được cơ quan gửi quyết định.",
        "The broker does not vouch for an agency that sent this.",
    )


def _message(uow: UnitOfWork) -> Message:
    if uow.message is None:
        raise LookupError("a reaction works on a message")
    return uow.message


def _keep_newest(uow: UnitOfWork, table: Table, key: str, row: Mapping[str, Any]) -> None:
    """Insert or replace, unless what is kept came later (events of one subject are numbered)."""
    fresh = upsert(table).values(**row, sequence=_message(uow).sequence)
    newer = fresh.on_conflict_do_update(
        index_elements=[table.c[key]],
        set_={name: fresh.excluded[name] for name in (*row, "sequence")},
        where=table.c.sequence < fresh.excluded.sequence,
    )
    uow.session.execute(newer)
