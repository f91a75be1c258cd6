"""`motcua events`: where events are, and what an operator does about them."""

import click

from chassis.events.new_epoch import new_epoch
from chassis.events.parked import list_parked, retry
from chassis.events.prune import prune
from chassis.events.show import show
from chassis.events.tail import tail
from chassis.snapshot_command import snapshot


@click.group()
def events() -> None:
    """Events: look, retry, forget, publish the present state again.

    Speaks to the databases whose <SERVICE>_DATABASE_URL is set, never to the broker. Sealed fields are
    neither opened nor shown. Exit codes: 0 all is well, 1 refused or something is wrong, 2 wrong use or
    missing settings, 75 a database is away (try again).
    """


for command in (tail, show, list_parked, retry, prune, snapshot, new_epoch):
    events.add_command(command)
