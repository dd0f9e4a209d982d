"""Where the node keeps images: in the cache for whoever comes first, so that a later sandbox finds them unpacked."""

import fcntl
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from nim_sandbox.cache import Cache
from nim_sandbox.folder import SandboxFolder


@dataclass(frozen=True, slots=True)
class Store:
    """containerd's own folder. Two containerds cannot share one."""

    folder: Path
    lock: IO[str] | None
    """Held as long as it is open; None where the folder is the sandbox's own."""


def store(folder: SandboxFolder, cache: Cache) -> Store:
    """The one in the cache unless another node holds it just now."""
    shared = cache.root / "node-images"
    shared.mkdir(parents=True, exist_ok=True)
    lock = (shared / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return Store(folder.node / "containerd", None)
    return Store(shared / "containerd", lock)
