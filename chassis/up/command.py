"""`motcua up`: start everything, watch over it, and stop it, all from one process."""

import gc
import os
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType

import click

from chassis import service as services
from chassis.installation.secrets import typed_password
from chassis.up import lock, ready, report, roles, spawn, trial
from chassis.up.children import Child, Family
from chassis.up.plan import Plan, PortTaken
from chassis.up.postgres import NoServer

LOOK_EVERY_SECONDS = 0.2


class Stopped(Exception):
    """Somebody asked this process to end."""


class Bell:
    """Rung by signals, heard only where it is safe: an exception out of a signal handler gets lost
    when it strikes inside a fork, and what was just forked with it.
    """

    def __init__(self) -> None:
        self._rung = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ring)

    def _ring(self, _number: int, _frame: FrameType | None) -> None:
        self._rung = True

    def listen(self) -> None:
        if self._rung:
            raise Stopped


@click.command()
@click.option("--port", default=8000, show_default=True, help="The portal's; the sandbox is at the next one.")
@click.option(
    "--var",
    default=Path("var"),
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where data, keys and logs are kept.",
)
@click.option("--demo-agency", "demo", is_flag=True, help="Also start who decides what is sent.")
def up(port: int, var: Path, demo: bool) -> None:
    """The whole portal on this machine, on 127.0.0.1 only, until Ctrl-C."""
    try:
        make_trial = trial.find()
    except trial.NotInstalled as missing:
        raise click.ClickException(str(missing)) from missing
    var = var.resolve()
    var.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        held = lock.take(var)
    except lock.AlreadyRunning as other:
        raise click.ClickException(f"motcua is running already, at {other.url} (data in {var}).") from other
    try:
        plan = Plan.make(var, port, services.names())
    except PortTaken as taken:
        raise click.ClickException(f"{taken} Choose another: motcua up --port {port + 100}") from taken
    lock.say_where(held, plan.url("gateway"))
    _run(plan, make_trial(_setting(plan)), Family(plan.logs, click.echo, [held]), demo)


def _run(plan: Plan, tried: trial.Trial, family: Family, demo: bool) -> None:
    bell = Bell()
    try:
        _start(plan, tried, family, bell, demo)
        while True:
            bell.listen()
            family.tend()
            time.sleep(LOOK_EVERY_SECONDS)
    except Stopped:
        click.echo("stopping")
    except (NoServer, ready.NotReady) as failed:
        raise click.ClickException(str(failed)) from failed
    finally:
        _stop_all(family)
        plan.settings_file.unlink(missing_ok=True)


def _stop_all(family: Family) -> None:
    """The database last: what is under way may still be written."""
    databases = [child for child in family.children if child.name == "postgres"]
    family.stop(*(child for child in family.children if child not in databases))
    family.stop(*databases)


def _start(plan: Plan, tried: trial.Trial, family: Family, bell: Bell, demo: bool) -> None:
    click.echo("starting; the first time takes a few seconds longer", err=True)
    settings = plan.environment()
    os.environ.update(settings)
    plan.tell(settings)
    # What is imported by now is shared with all children; the collector would copy it page by page.
    gc.collect()
    gc.freeze()
    family.add(Child("gateway", partial(roles.gateway, plan.doors["gateway"])))
    family.add(Child("sandbox", partial(tried.outside, plan.doors["sandbox"])))
    if plan.own_databases:
        _start_database(plan, family, bell)
    bell.listen()
    _prepare(plan, {name: partial(roles.prepare, name) for name in plan.services})
    bell.listen()
    for name in plan.services:
        family.add(Child(f"{name}-api", partial(roles.api, name, plan.doors[name])))
    family.add(Child("workers", roles.workers))
    _prepare(plan, {"trial": tried.prepare})
    ready.wait(plan, family.tend, bell.listen)
    for name, run in tried.demo().items() if demo else ():
        family.add(Child(name, run))
    click.echo(report.text(plan, tried))


def _setting(plan: Plan) -> trial.Setting:
    secret = partial(plan.secrets.get, make=typed_password)
    return trial.Setting(plan.url("gateway"), plan.url("sandbox"), plan.var, secret)


def _start_database(plan: Plan, family: Family, bell: Bell) -> None:
    server = plan.server
    server.wait_until_gone()
    server.initialise()
    bell.listen()
    child = family.add(Child("postgres", server.run, stop_with=signal.SIGINT))
    server.wait_until_answers(lambda: not child.has_ended())
    server.make_databases(plan.own_databases)


def _prepare(plan: Plan, jobs: dict[str, Callable[[], object]]) -> None:
    """Side by side, each in a process of its own, so that this one opens no connection and no thread."""
    logs = {name: plan.logs / f"prepare {name}.log" for name in jobs}
    running = {name: spawn.spawn(job, logs[name]) for name, job in jobs.items()}
    failed = [name for name, pid in running.items() if spawn.wait(pid)]
    if failed:
        places = ", ".join(str(logs[name]) for name in failed)
        raise ready.NotReady(f"Could not prepare {', '.join(failed)}. See {places}.")
