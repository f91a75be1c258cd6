"""Whether a folder keeps what is put into it: tried out, and cleared up again."""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from chassis.doctor.settings import Part, given
from chassis.findings import Finding, unseen, warning, well, wrong
from chassis.needs import FOLDER, Need
from chassis.settings import text

GB = 1024**3
LEAST, LITTLE, LITTLE_SHARE = GB // 2, 5 * GB, 0.1
PASSING = {"overlay", "tmpfs", "ramfs"}
MOUNTS = Path("/proc/self/mountinfo")


class Usage(Protocol):
    """In bytes; `free` is what may still be written by this process."""

    @property
    def total(self) -> int: ...
    @property
    def free(self) -> int: ...


def check(parts: Sequence[Part]) -> Iterator[Finding]:
    for part in parts:
        for need in part.needs:
            if need.form is FOLDER:
                yield from _folder(part, need)


def _folder(part: Part, need: Need) -> Iterator[Finding]:
    if not part.is_seen and not given(need.name):
        yield unseen(need.name, "was not looked at", f"set it as for {part.name}")
        return
    path = Path(text(need.name, need.default))
    if not given(need.name):
        what = f"is not set: each process of {part.name} takes {path} below where it was started"
        yield warning(need.name, what, "set it to one folder for all of them")
    yield from look(need.name, path)


def look(name: str, path: Path, usage: Callable[[Path], Usage] = shutil.disk_usage) -> Iterator[Finding]:
    try:
        _try_out(path)
        left = usage(path)
    except OSError as error:
        mend = f"make it a folder on a disk, writable by user {os.geteuid()} (chown {os.geteuid()} {path})"
        yield wrong(name, f"{path} takes no files: {error.strerror}", mend)
        return
    yield _room(name, path, left)
    if (kind := file_system(path)) in PASSING:
        what = f"{path} is on {kind}: what is in it is gone with this container or machine"
        yield warning(name, what, "mount a volume there, the same one for all processes")


def _try_out(path: Path) -> None:
    """As files are kept: written, on the disk, then renamed. OSError."""
    fresh = path / f".doctor-{secrets.token_hex(8)}"
    kept = fresh.with_suffix(".kept")
    try:
        with fresh.open("xb") as file:
            file.write(b"motcua doctor")
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(kept)
    finally:
        for each in (fresh, kept):
            if each.exists():
                each.unlink()


def _room(name: str, path: Path, left: Usage) -> Finding:
    share = left.free / max(left.total, 1)
    what = f"{path} takes files, {left.free / GB:.1f} GB are free ({share:.0%})"
    if left.free < LEAST:
        return wrong(name, f"{what}: uploads end soon", "make room, or a larger disk")
    if left.free < LITTLE or share < LITTLE_SHARE:
        return warning(name, what, "make room, or a larger disk")
    return well(name, what)


def file_system(path: Path, mounts: Path = MOUNTS) -> str | None:
    """The kind of what `path` is on, such as `ext4`. None where that cannot be known."""
    try:
        found = [line.split() for line in mounts.read_text().splitlines()]
    except OSError:
        return None
    whole = path.resolve()
    above = {str(each) for each in (whole, *whole.parents)}
    # The last of those mounted at the nearest folder above is the one in force.
    holding = [words for words in found if words[4] in above]
    if not holding:
        return None
    nearest = max(len(words[4]) for words in holding)
    words = [each for each in holding if len(each[4]) == nearest][-1]
    return words[words.index("-") + 1]
