"""What only the kernel can promise: children that die with their parent, and a server not run as root."""

import ctypes
import os
import pwd
import signal
import struct
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_KEEPCAPS = 8
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAP_DAC_OVERRIDE = 1
_CAPABILITY_VERSION_3 = 0x20080522


def die_with_parent(how: signal.Signals = signal.SIGKILL) -> None:
    """This process gets `how` when the one that forked it ends, however it ends. Linux only.

    Elsewhere a parent killed with -9 leaves its children; ended in any other way it takes them along.
    """
    if sys.platform == "linux":
        parent = os.getppid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, how, 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), how)


def stop_being_root() -> None:
    """PostgreSQL refuses to run as root: become `nobody`, as in a container where root is all there is.

    The right to pass closed directories is kept, because the server's files may lie below a home
    directory that only root may enter, and opening that to everyone is not ours to do.
    """
    if os.geteuid() != 0:
        return
    nobody = pwd.getpwnam("nobody")
    libc = ctypes.CDLL(None)
    if sys.platform == "linux":
        libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)
    if sys.platform == "linux":
        right = 1 << _CAP_DAC_OVERRIDE
        libc.capset(
            struct.pack("Ii", _CAPABILITY_VERSION_3, 0), struct.pack("6I", right, right, right, 0, 0, 0)
        )
        libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0)


def give_to_server(path: str) -> None:
    """Make the user that `stop_being_root` becomes the owner of a directory."""
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(path, nobody.pw_uid, nobody.pw_gid)


def signal_group(pid: int, how: int) -> bool:
    """To a child and everything it started. False when they are gone; 0 only asks whether they are."""
    try:
        os.killpg(pid, how)
    except ProcessLookupError:
        return False
    return True
