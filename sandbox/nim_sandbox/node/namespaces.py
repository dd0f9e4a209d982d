"""The kernel's calls behind namespaces and mounts, which Python 3.11 does not have. Linux only."""

import ctypes
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET = 0x00020000, 0x20000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 4096, 16384, 1 << 18
"""From linux/sched.h and linux/mount.h."""
PR_SET_PDEATHSIG = 1
"""From linux/prctl.h."""

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """New namespaces for this process; with CLONE_NEWPID for its children from now on."""
    _checked(_libc.unshare(flags), "unshare")


def mount(source: str | Path, target: str | Path, kind: str, flags: int = 0, data: str = "") -> None:
    words = (str(source).encode(), str(target).encode(), kind.encode())
    _checked(_libc.mount(*words, ctypes.c_ulong(flags), data.encode()), f"mount {target}")


def bind(source: Path, target: Path) -> None:
    """With all that is mounted below `source`."""
    mount(source, target, "", MS_BIND | MS_REC)


def die_with_parent(number: int) -> None:
    """The kernel sends this signal as soon as the parent has ended, however it ended."""
    _checked(_libc.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0), "prctl")


@contextmanager
def inside_network(namespace: int) -> Iterator[None]:
    """Sockets that are made meanwhile belong to the namespace of that descriptor, and stay there."""
    with open("/proc/self/ns/net", "rb") as own:  # noqa: PTH123 - a descriptor is wanted, not a path
        _checked(_libc.setns(namespace, CLONE_NEWNET), "setns")
        try:
            yield
        finally:
            _checked(_libc.setns(own.fileno(), CLONE_NEWNET), "setns")


def listener(address: str, port: int) -> socket.socket:
    made = socket.create_server((address, port))
    made.settimeout(0)
    return made
