"""Our distributions as wheels, and environments that hold nothing else of this repository."""

import subprocess
import sys
import venv
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from zipfile import ZipFile

PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]


def build(project: Path, folder: Path) -> Path:
    """The wheel of a project, made without a download."""
    options = ["--no-deps", "--no-build-isolation", "--no-index", "-w", str(folder)]
    before = set(folder.glob("*.whl"))
    subprocess.run([*PIP, "wheel", *options, str(project)], check=True)
    (wheel,) = set(folder.glob("*.whl")) - before
    return wheel


def content(wheel: Path) -> set[str]:
    """The names of its files, without those that describe it."""
    with ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


@dataclass(frozen=True)
class Bare:
    """A virtual environment without pip."""

    folder: Path

    @classmethod
    def made(cls, folder: Path, *wheels: Path, lent: Iterable[str] = ()) -> "Bare":
        """With wheels installed, and distributions of this interpreter lent to it."""
        venv.create(folder, with_pip=False)
        bare = cls(folder)
        install = ["--python", str(bare.program("python")), "install", "--no-deps", "--no-index"]
        subprocess.run([*PIP, *install, *map(str, wheels)], check=True)
        for name in lent:
            bare._lend(name)
        return bare

    @property
    def site(self) -> Path:
        return next((self.folder / "lib").glob("python*/site-packages"))

    def program(self, name: str) -> Path:
        return self.folder / "bin" / name

    def _lend(self, name: str) -> None:
        lender = distribution(name)
        tops = {file.parts[0] for file in lender.files or []} - {"..", "__pycache__"}
        for top in tops:
            link = self.site / top
            if not link.exists():
                link.symlink_to(Path(str(lender.locate_file(top))))

    def run(self, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """From another folder, with no setting of this process: nothing of the repository is in reach."""
        command = [self.program(program), *arguments]
        environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
        return subprocess.run(
            command, cwd="/", env=environment, capture_output=True, text=True, check=False, timeout=60
        )
