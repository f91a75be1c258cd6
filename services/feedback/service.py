"""What you think: one rating per closed dossier, and what the public sees of them."""

from chassis.service import Service
from contracts.catalog import AgencyPublished, AgencySnapshot
from contracts.dossier import (
    DossierRefused,
    DossierSnapshot,
    DossierSubmitted,
    ResultHandedOver,
    WithdrawalClosed,
)
from contracts.identity import AccountClosed
from services.feedback import reactions, routes, tables

service = Service(
    name="feedback",
    metadata=tables.metadata,
    blueprints=[routes.blueprint],
    reactions={
        AgencyPublished: [reactions.name_agency],
        AgencySnapshot: [reactions.name_agency],
        DossierSubmitted: [reactions.note_dossier],
        ResultHandedOver: [reactions.close_dossier],
        DossierRefused: [reactions.close_dossier],
        WithdrawalClosed: [reactions.close_dossier],
        DossierSnapshot: [reactions.keep_dossier],
        AccountClosed: [reactions.forget_person],
    },
)
