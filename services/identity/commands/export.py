"""What is kept of a person here, for them to take along (Law on Personal Data Protection 91/2025/QH15)."""

import json
from typing import Any
from uuid import UUID

from chassis.unit_of_work import UnitOfWork
from services.identity import queries
from services.identity.commands import credentials
from vocabulary.text import Text

ELSEWHERE = (
    ("dossier", "/api/v1/dossiers", Text("Hồ sơ, giấy tờ, lịch sử", "Dossiers, papers, history")),
    ("notify", "/api/v1/notifications", Text("Thông báo đã gửi cho bạn", "What you were told")),
    ("feedback", "/api/v1/ratings/{dossier}", Text("Đánh giá theo từng hồ sơ", "Ratings, by dossier")),
)


def of(uow: UnitOfWork, id: UUID) -> dict[str, Any]:
    """Identity's part in full, and where the other services' parts are."""
    account = credentials.owned(uow, id)
    return {
        "made_at": uow.now(),
        "account": {
            "account_id": account.id,
            "kind": account.kind,
            "assurance": account.assurance,
            "language": account.language,
            "opened_at": account.opened_at.isoformat(),
            "agency": account.agency,
            "roles": account.roles,
        },
        "person": json.loads(queries.person_of(uow, account).as_text()),
        "proofs": queries.proofs_of(uow, id),
        "sessions": queries.open_sessions(uow, id),
        "devices": queries.devices_of(uow, id),
        "cooling_offs": queries.coolings_of(uow, id),
        "elsewhere": [
            {"service": service, "path": path, "what": {"vi": what.vi, "en": what.en}}
            for service, path, what in ELSEWHERE
        ],
    }
