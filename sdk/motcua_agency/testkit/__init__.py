"""Plays the portal against a back office that is being written, and says what it got wrong."""

from motcua_agency.testkit.faults import FAULTS, Fault
from motcua_agency.testkit.kit import PLAYS, Report, run
from motcua_agency.testkit.ledger import Ledger

__all__ = ["FAULTS", "PLAYS", "Fault", "Ledger", "Report", "run"]
