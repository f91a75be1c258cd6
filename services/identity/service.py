from datetime import timedelta

from chassis.audit import looks
from chassis.service import Service, Timer
from contracts.identity import (
    AccountChanged,
    AccountClosed,
    AccountNotice,
    AccountRegistered,
    AccountSnapshot,
    CodeRequested,
    OfficialInvited,
)
from services.identity import cli, timers
from services.identity.adapters.ports import NEEDS, from_environment
from services.identity.commands import snapshots
from services.identity.routes import (
    account,
    captcha,
    clients,
    counter,
    credentials,
    devices,
    invitations,
    leaving,
    mandates,
    oauth2,
    officials,
    openid,
    recoveries,
    registrations,
    resets,
    sessions,
    sign_on,
    step_up,
    upstream,
)
from services.identity.tables import metadata

service = Service(
    name="identity",
    metadata=metadata,
    blueprints=[
        captcha.blueprint,
        registrations.blueprint,
        counter.blueprint,
        sessions.blueprint,
        step_up.blueprint,
        account.blueprint,
        devices.blueprint,
        credentials.blueprint,
        resets.blueprint,
        recoveries.blueprint,
        leaving.blueprint,
        oauth2.blueprint,
        clients.blueprint,
        officials.blueprint,
        invitations.blueprint,
        looks.blueprint("/account/looks"),
        openid.blueprint,
        sign_on.blueprint,
        upstream.blueprint,
        mandates.blueprint,
    ],
    announces=[
        CodeRequested,
        OfficialInvited,
        AccountRegistered,
        AccountSnapshot,
        AccountChanged,
        AccountClosed,
        AccountNotice,
    ],
    snapshots=snapshots.KINDS,
    timers=[
        Timer("sweep", timedelta(minutes=1), timers.sweep),
        Timer("tell logouts", timedelta(seconds=3), timers.tell_logouts),
        Timer("rotate keys", timedelta(minutes=10), timers.rotate_keys),
        Timer("answer-resets", timedelta(milliseconds=500), timers.answer_resets),
        Timer("go-on-cooling", timedelta(seconds=30), timers.go_on_cooling),
        Timer("measure-messages", timedelta(seconds=10), timers.measure_messages),
    ],
    examine=timers.examine,
    ports=from_environment,
    needs=NEEDS,
    commands=[
        cli.operator,
        cli.auditor,
        cli.official,
        cli.clerk,
        cli.client,
        cli.relying_party,
        cli.keys,
    ],
)
