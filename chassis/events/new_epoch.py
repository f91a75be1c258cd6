"""`motcua events new-epoch`: a database's files were put back, which PostgreSQL itself cannot tell."""

import click
from sqlalchemy.orm import Session

from chassis import epoch
from chassis.events.places import reachable
from chassis.events.printing import SERVICE, as_json, output_option


@click.command("new-epoch", short_help="Say that a database was put back to an earlier state.")
@click.argument("service", type=SERVICE)
@output_option
def new_epoch(service: str, output: str) -> None:
    """After the files of SERVICE's database were put back to an earlier state.

    Its worker has what was lost sent again, within a minute; cursors into its log are refused. A restore
    from a dump, a recovery and a failover are noticed without this.
    """
    with reachable(service) as (place,), place.connect(), Session(place.engine) as session, session.begin():
        begun = epoch.begin(session)
    if output == "json":
        as_json({"service": service, "epoch": begun})
    else:
        click.echo(f"{service} is in epoch {begun} now: its worker asks for what was lost.")
