"""A public procedure (thủ tục hành chính): what is asked for, from whom, by when, for how much."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from contracts.catalog import AgencyRef, Document, Fee, ProcedurePublished, TimeLimit
from contracts.event import Name
from services.catalog.model.form import Condition, Step, check_condition, check_steps, check_unique, fields_of
from services.catalog.model.form_schema import both, build_form, given
from vocabulary.codes import PROCEDURE_CODE, parse_agency_code
from vocabulary.refusals import Refusal

Audience = Literal["citizen", "business"]
Level = Literal["ministry", "province", "commune", "vertical"]


@dataclass(frozen=True)
class LegalText:
    number: str
    vi: str
    en: str

    def content(self) -> dict[str, str]:
        return {"number": self.number, "name": self.vi, "name_en": self.en}


@dataclass(frozen=True)
class Procedure:
    """As its author wrote it. `events` are slugs of life or business events; the first is the main one.

    `begins_with` and `ends_with` are the steps it shares with others, `steps` its own.
    """

    code: str
    name: Name
    summary: Name
    sector: Name
    audience: tuple[Audience, ...]
    events: tuple[str, ...]
    agency_level: Level
    service_level: Literal["full", "partial"]
    assurance: Literal["medium", "high"]
    result: Name
    agencies: tuple[str, ...]
    keywords: tuple[str, ...]
    legal_basis: tuple[LegalText, ...]
    documents: tuple[Document, ...]
    fees: tuple[Fee, ...]
    time_limits: tuple[TimeLimit, ...]
    steps: tuple[Step, ...]
    begins_with: tuple[Step, ...] = ()
    ends_with: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        if not PROCEDURE_CODE.fullmatch(self.code):
            raise ValueError(f"code {self.code!r} is not like 1.001193")
        for what in ("audience", "events", "agencies", "legal_basis", "fees", "time_limits", "steps"):
            if not getattr(self, what):
                raise ValueError(f"{what}: needs at least one")
        for agency in self.agencies:
            check_agency_code(agency)
        check_steps(self.all_steps)
        self._check_documents()
        check_fees(self.fees)
        check_time_limits(self.time_limits)

    @property
    def subject(self) -> str:
        return f"procedure/{self.code}"

    @property
    def all_steps(self) -> tuple[Step, ...]:
        return self.begins_with + self.steps + self.ends_with

    def _check_documents(self) -> None:
        check_unique("document id", [document.id for document in self.documents])
        fields = {field.name: field for field in fields_of(self.all_steps)}
        for document in self.documents:
            if document.when is None:
                continue
            if document.case is None or set(document.when) != {"field", "values"}:
                raise ValueError(f"document {document.id}: `when` is field and values, with a `case`")
            check_condition(f"document {document.id}", condition(document.when), fields)

    def published(self, version: int, agencies: Sequence[AgencyRef], at: datetime) -> ProcedurePublished:
        return ProcedurePublished(
            code=self.code,
            version=version,
            name=self.name,
            audience=list(self.audience),
            event=self.events[0],
            sector=self.sector,
            agency_level=self.agency_level,
            service_level=self.service_level,
            assurance=self.assurance,
            result=self.result,
            agencies=list(agencies),
            documents=list(self.documents),
            form=build_form(self.all_steps),
            fees=list(self.fees),
            time_limits=list(self.time_limits),
            published_at=at,
        )

    def content(self) -> dict[str, Any]:
        """What the API shows of a version, as JSON. Agencies by code only: their names may change later."""
        form = build_form(self.all_steps)
        return {
            "code": self.code,
            **both("name", self.name),
            **both("summary", self.summary),
            **both("sector", self.sector),
            **both("result", self.result),
            "audience": list(self.audience),
            "event": self.events[0],
            "events": list(self.events),
            "agency_level": self.agency_level,
            "service_level": self.service_level,
            "assurance": self.assurance,
            "agencies": list(self.agencies),
            "keywords": list(self.keywords),
            "legal_basis": [law.content() for law in self.legal_basis],
            "documents": [document_content(document) for document in self.documents],
            "fees": [fee_content(fee) for fee in self.fees],
            "time_limits": [limit_content(limit) for limit in self.time_limits],
            "form": {"schema": form.schema, "layout": form.layout},
        }


def condition(when: Mapping[str, Any]) -> Condition:
    return Condition(when["field"], tuple(when["values"]))


def document_content(document: Document) -> dict[str, Any]:
    return {
        "id": document.id,
        **both("name", document.name),
        "required": document.required,
        **both("case", document.case),
        **given(when=document.when),
    }


def limit_content(limit: TimeLimit) -> dict[str, Any]:
    return {"channel": limit.channel, "amount": limit.amount, "unit": limit.unit}


def fee_content(fee: Fee) -> dict[str, Any]:
    """Money is VND. Dates are inclusive; one that is left out is open."""
    return {
        **both("name", fee.name),
        "channel": fee.channel,
        "amount": fee.amount,
        "currency": "VND",
        **given(
            valid_from=fee.valid_from and fee.valid_from.isoformat(),
            valid_to=fee.valid_to and fee.valid_to.isoformat(),
        ),
    }


def check_agency_code(code: str) -> None:
    try:
        parse_agency_code(code)
    except Refusal as refusal:
        raise ValueError(f"agency code {code!r}: {refusal.detail.en}") from refusal


def check_fees(fees: Sequence[Fee]) -> None:
    for fee in fees:
        if fee.amount < 0:
            raise ValueError(f"fee {fee.name.en!r}: the amount is negative")
        if fee.valid_from and fee.valid_to and fee.valid_from > fee.valid_to:
            raise ValueError(f"fee {fee.name.en!r}: valid_to is before valid_from")


def check_time_limits(limits: Sequence[TimeLimit]) -> None:
    channels = Counter(limit.channel for limit in limits)
    if channels["online"] != 1 or max(channels.values()) > 1:
        raise ValueError("time_limits: exactly one online, at most one for each other channel")
    for limit in limits:
        if (limit.amount == 0) != (limit.unit == "same-day") or limit.amount < 0:
            raise ValueError(f"time limit {limit.channel}: same-day has amount 0, every other unit more")
