"""The cgroups of a node's pods: one by name below the root of every hierarchy, of version 1 or 2."""

import time
from collections.abc import Iterator
from pathlib import Path

MOUNTED = Path("/sys/fs/cgroup")
CPU_SHARES = 16_384
"""Of version 1, where every process outside of a cgroup weighs 1024: all pods together are as much as 16 of them. By
itself a cgroup weighs as much as one, and on a busy machine a server takes minutes to start."""
SECONDS = 10.0
"""For processes that were killed to be gone."""


def _hierarchies() -> Iterator[Path]:
    """Of version 2 alone it is the mounted folder itself; of version 1 there is one in a folder for each."""
    if (MOUNTED / "cgroup.controllers").exists():
        yield MOUNTED
        return
    yield from (folder for folder in sorted(MOUNTED.glob("*")) if (folder / "cgroup.procs").exists())


def make(name: str) -> None:
    for hierarchy in _hierarchies():
        (hierarchy / name).mkdir(exist_ok=True)
        _inherit_cpus(hierarchy, name)
        if (shares := hierarchy / name / "cpu.shares").exists():
            shares.write_text(str(CPU_SHARES))


def _inherit_cpus(hierarchy: Path, name: str) -> None:
    """A new cpuset of version 1 has no processors, and nothing runs in it."""
    for file in ("cpuset.cpus", "cpuset.mems"):
        target = hierarchy / name / file
        if (hierarchy / "cpuset.cpus").exists() and not target.read_text().strip():
            target.write_text((hierarchy / file).read_text())


def remove(name: str) -> None:
    """From the leaves up; what is gone already is fine. Raises OSError where one is still in use after SECONDS."""
    deadline = time.monotonic() + SECONDS
    for hierarchy in _hierarchies():
        top = hierarchy / name
        for folder in sorted((top, *top.rglob("*/")), reverse=True) if top.exists() else ():
            while True:
                try:
                    folder.rmdir()
                    break
                except FileNotFoundError:
                    break
                except OSError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.05)
