"""What you are told: inbox, SMS and e-mail for people; the log for agencies."""

from collections.abc import Callable
from datetime import timedelta

from chassis.broker.admin import BrokerAdmin, vhost
from chassis.bus import topology
from chassis.needs import DURATION, WEB, WORDS, Need, ring_for
from chassis.service import Service, Timer
from chassis.settings import Settings, env, text
from chassis.unit_of_work import UnitsOfWork
from contracts.catalog import AgencyPublished, AgencySnapshot
from contracts.dossier import DOSSIER_EVENTS, DecisionApplied, DecisionRejected, DossierSnapshot
from contracts.identity import (
    AccountChanged,
    AccountClosed,
    AccountNotice,
    AccountRegistered,
    AccountSnapshot,
    CodeRequested,
    OfficialInvited,
)
from services.notify import cli, queries, reactions, tables
from services.notify.adapters import Ports
from services.notify.adapters.agency_bus import AgencyBus
from services.notify.adapters.mail import MailGateway
from services.notify.adapters.sms import SmsGateway
from services.notify.adapters.webhook import WebhookPost
from services.notify.commands import checking
from services.notify.commands.telling import templates
from services.notify.model.doors import DoorRules
from services.notify.routes import agency, inbox, operations, webhook
from services.notify.timers import agencies, people

OFTEN = timedelta(milliseconds=300)
WEBHOOK_LANES = 6
RETRY_LANES = 2
RULES = DoorRules()
NEEDS = (
    ring_for("notify"),
    Need("SMS_GATEWAY_URL", WEB, without="SMS wait, codes among them: nobody new can log in"),
    Need("MAIL_GATEWAY_URL", WEB, without="e-mails wait"),
    Need("WEBHOOK_PATIENCE", DURATION),
    Need("WEBHOOK_PRIVATE_ADDRESSES", WORDS),
)


def ports(settings: Settings) -> Ports:
    """A template that is not whole stops the start here."""
    templates()
    sms, mail = text("SMS_GATEWAY_URL", ""), text("MAIL_GATEWAY_URL", "")
    return Ports(
        sms=SmsGateway(sms) if sms else None,
        mail=MailGateway(mail) if mail else None,
        agencies=AgencyBus(settings.amqp_url) if settings.amqp_url else None,
        broker=_broker(settings),
        webhooks=WebhookPost(private_allowed=text("WEBHOOK_PRIVATE_ADDRESSES", "") == "allow"),
        rules=DoorRules(
            webhook_patience=env.timedelta("WEBHOOK_PATIENCE", RULES.webhook_patience),
        ),
    )


def _broker(settings: Settings) -> BrokerAdmin | None:
    url = text("RABBITMQ_MANAGEMENT_URL", "")
    return BrokerAdmin(url, vhost(settings.amqp_url)) if url and settings.amqp_url else None


def lanes(name: str, count: int, run: Callable[[UnitsOfWork], int]) -> list[Timer]:
    """The same timer several times: each has a thread of its own, and claims other rows."""
    return [Timer(f"{name}-{number}", timedelta(seconds=1), run) for number in range(1, count + 1)]


service = Service(
    name="notify",
    metadata=tables.metadata,
    blueprints=[inbox.blueprint, agency.blueprint, webhook.blueprint, operations.blueprint],
    reactions={
        AgencyPublished: [reactions.name_agency],
        AgencySnapshot: [reactions.name_agency],
        AccountRegistered: [reactions.keep_contact],
        AccountChanged: [reactions.keep_contact],
        AccountSnapshot: [reactions.keep_contact],
        AccountClosed: [reactions.forget_person],
        AccountNotice: [reactions.tell_owner],
        CodeRequested: [reactions.send_code],
        OfficialInvited: [reactions.send_invitation],
        **{event: [reactions.tell_applicant, reactions.append_to_agency_log] for event in DOSSIER_EVENTS},
        DossierSnapshot: [reactions.append_to_agency_log],
        DecisionApplied: [reactions.append_to_agency_log],
        DecisionRejected: [reactions.append_to_agency_log],
    },
    writes=[topology.AGENCIES.name],
    timers=[
        Timer("send-codes", OFTEN, people.send_codes),
        Timer("send-sms", OFTEN, people.send_sms),
        Timer("send-mail", OFTEN, people.send_mail),
        Timer("expire-codes", timedelta(seconds=5), people.expire_codes),
        Timer("serve-agencies", OFTEN, agencies.serve_agencies),
        Timer("mend-agencies", timedelta(minutes=1), agencies.mend_agencies),
        Timer("prune-agency-log", timedelta(hours=1), agencies.prune_agency_log),
        *lanes("call-webhooks", WEBHOOK_LANES, agencies.call_webhooks),
        *lanes("retry-webhooks", RETRY_LANES, agencies.retry_webhooks),
    ],
    ports=ports,
    needs=NEEDS,
    commands=[cli.agency],
    event_commands=[cli.replay],
    check_broker=checking.check,
    trace_event=queries.trace,
)
