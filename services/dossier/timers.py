"""What happens because time passes."""

from datetime import timedelta
from itertools import islice

from chassis.backup import hold
from chassis.unit_of_work import UnitsOfWork
from services.dossier import queries
from services.dossier.adapters.ports import DossierPorts

ORPHANED_AFTER = timedelta(hours=1)
BATCH = 500


def sweep_files(units: UnitsOfWork) -> int:
    """Remove stored files that no dossier has, an hour after they were stored.

    A file is stored before its row is: the hour leaves every upload time to commit. Returns 0: what
    is left for the next round is not urgent. While a backup is under way nothing is removed: a row that
    is gone by now is still in the backup, and names its file.
    """
    if not isinstance(units.ports, DossierPorts):
        raise TypeError("the sweep needs the storage")
    storage = units.ports.storage
    names = storage.older_than(units.clock() - ORPHANED_AFTER)
    while batch := list(islice(names, BATCH)):
        with units() as uow:
            if hold.is_taken(uow.session):
                return 0
            orphans = queries.without_row(uow, batch)
        for name in orphans:
            storage.discard(name)
    return 0
