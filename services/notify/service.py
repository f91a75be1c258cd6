"""What you are told: inbox, SMS and e-mail for people; the log for agencies."""

from datetime import timedelta

from chassis.service import Service, Timer
from chassis.settings import Settings, text
from contracts.catalog import AgencyPublished, AgencySnapshot
from contracts.dossier import DOSSIER_EVENTS, DecisionApplied, DecisionRejected, DossierSnapshot
from contracts.identity import AccountRegistered, AccountSnapshot, CodeRequested
from services.notify import cli, queries, reactions, routes, tables, timers
from services.notify.adapters import Ports
from services.notify.adapters.agency_bus import AgencyBus
from services.notify.adapters.mail import MailGateway
from services.notify.adapters.sms import SmsGateway
from services.notify.commands import checking
from services.notify.commands.telling import templates

OFTEN = timedelta(milliseconds=300)


def ports(settings: Settings) -> Ports:
    """A template that is not whole stops the start here."""
    templates()
    sms, mail = text("SMS_GATEWAY_URL", ""), text("MAIL_GATEWAY_URL", "")
    return Ports(
        sms=SmsGateway(sms) if sms else None,
        mail=MailGateway(mail) if mail else None,
        agencies=AgencyBus(settings.amqp_url) if settings.amqp_url else None,
    )


service = Service(
    name="notify",
    metadata=tables.metadata,
    blueprints=[routes.blueprint],
    reactions={
        AgencyPublished: [reactions.name_agency],
        AgencySnapshot: [reactions.name_agency],
        AccountRegistered: [reactions.keep_contact],
        AccountSnapshot: [reactions.keep_contact],
        CodeRequested: [reactions.send_code],
        **{event: [reactions.tell_applicant, reactions.append_to_agency_log] for event in DOSSIER_EVENTS},
        DossierSnapshot: [reactions.append_to_agency_log],
        DecisionApplied: [reactions.append_to_agency_log],
        DecisionRejected: [reactions.append_to_agency_log],
    },
    timers=[
        Timer("send-codes", OFTEN, timers.send_codes),
        Timer("send-sms", OFTEN, timers.send_sms),
        Timer("send-mail", OFTEN, timers.send_mail),
        Timer("expire-codes", timedelta(seconds=5), timers.expire_codes),
        Timer("serve-agencies", OFTEN, timers.serve_agencies),
    ],
    ports=ports,
    commands=[cli.agency],
    check_broker=checking.check,
    trace_event=queries.trace,
)
