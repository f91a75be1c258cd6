"""The images that containers begin with, made from Debian's packages where no registry answers."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.servers import packages
from tests.servers.kinds import NoServer

FOLDER = Path(__file__).parent / "images"
TRUSTED = Path("/etc/ssl/certs/ca-certificates.crt")


@dataclass(frozen=True)
class BaseImage:
    """An official image's name, the target of images/Dockerfile that stands for it, Debian 13's packages."""

    name: str
    target: str
    packages: str

    def is_here(self) -> bool:
        return not _docker("image", "inspect", self.name).returncode

    def pull(self) -> bool:
        return not _docker("pull", "--quiet", self.name).returncode


IMAGES = (
    BaseImage("python:3.13-slim", "python", "python3,python3-venv,python3-pip,ca-certificates"),
    BaseImage("postgres:17", "postgres", "postgresql-17"),
    BaseImage("rabbitmq:4-management", "rabbitmq", "rabbitmq-server"),
)


def provide(images: Sequence[BaseImage] = IMAGES) -> None:
    """Each is here afterwards. NoServer when one can be neither pulled nor made."""
    missing = [image for image in images if not image.is_here() and not image.pull()]
    if missing and not packages.can_install():
        raise NoServer(f"{missing[0].name} cannot be pulled, and is made only as root on Debian")
    if missing and not shutil.which("mmdebstrap"):
        packages.install(["mmdebstrap"])
    for image in missing:
        print(f"making {image.name} from Debian's packages, since it cannot be pulled", flush=True)
        _make(image)


def _make(image: BaseImage) -> None:
    with tempfile.TemporaryDirectory() as folder:
        tar, context = Path(folder) / "packages.tar", Path(folder) / "context"
        shutil.copytree(FOLDER, context)
        shutil.copy(TRUSTED, context / "trusted.pem")
        wanted = f"--include={image.packages}"
        subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", wanted, "trixie", tar], check=True)
        base = f"motcua-test-{image.target}"
        done = _docker("import", str(tar), base)
        if not done.returncode:
            given = ("--build-arg", f"PACKAGES={base}", "--target", image.target, "--tag", image.name)
            done = _docker("build", "--quiet", *given, str(context))
    if done.returncode:
        raise NoServer(f"{image.name} can be neither pulled nor made: {done.stdout}{done.stderr}")


def _docker(*words: str) -> subprocess.CompletedProcess[str]:
    # The engine of Debian's packages comes without BuildKit.
    environment = os.environ | {"DOCKER_BUILDKIT": "0"}
    return subprocess.run(
        ["docker", *words], env=environment, capture_output=True, text=True, check=False, timeout=900
    )
