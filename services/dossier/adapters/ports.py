"""The outside counterparts of this service and its limits, from the settings."""

from dataclasses import dataclass
from pathlib import Path

from chassis.needs import FOLDER, NUMBER, Need, ring_for
from chassis.settings import Settings, env, text
from services.dossier.adapters.storage import Folder, Storage

MEGABYTE = 1024 * 1024
FILES_DIR = "var/files"
NEEDS = (
    ring_for("dossier"),
    ring_for("notify"),
    Need("FILES_DIR", FOLDER, default=FILES_DIR),
    Need("FILE_MAX_MB", NUMBER),
    Need("FILES_PER_DOSSIER", NUMBER),
)


@dataclass(frozen=True)
class DossierPorts:
    """`most_files` per dossier."""

    storage: Storage
    most_files: int = 20


def files_folder() -> Path:
    """FILES_DIR."""
    return Path(text("FILES_DIR", FILES_DIR))


def from_environment(_: Settings) -> DossierPorts:
    """FILES_DIR, FILE_MAX_MB (at most what chassis lets in: 12 MB a request), FILES_PER_DOSSIER."""
    folder = Folder(files_folder(), env.int("FILE_MAX_MB", 10) * MEGABYTE)
    return DossierPorts(folder, env.int("FILES_PER_DOSSIER", 20))
