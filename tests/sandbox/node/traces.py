"""What a node could leave behind on a machine, as values to compare."""

import os
from pathlib import Path

from nim_sandbox.node.file_system import KERNEL_SETTINGS
from nim_sandbox.node.settings import cgroup

PLACES = ("/run", "/var/lib", "/var/log", "/var/run", "/etc/cni", "/opt", "/etc/containerd", "/usr/libexec")


def traces(root: Path) -> dict[str, set[str]]:
    """Of the sandbox in `root`: other sandboxes may come and go meanwhile."""
    return {
        "mounts": set(Path("/proc/self/mounts").read_text().splitlines()),
        "links": {link.name for link in Path("/sys/class/net").iterdir()},
        "processes": set(_processes(root)),
        "cgroups": {str(path) for path in Path("/sys/fs/cgroup").rglob(cgroup(root))},
        "files": {entry.path for place in PLACES if Path(place).exists() for entry in os.scandir(place)},
        "kernel settings": {f"{name} {Path('/proc/sys', name).read_text()}" for name in KERNEL_SETTINGS},
        "sandbox": {str(root)} if root.exists() else set(),
    }


def _processes(root: Path) -> set[str]:
    """Whose command line names the sandbox, or which belong to one of its pods."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            groups = (folder / "cgroup").read_text()
        except OSError:
            continue  # it has ended
        if f"--root={root}" in words or f"{root}/" in words or cgroup(root) in groups:
            found.add(f"{folder.name} {words}")
    return found


def children_called(name: str, parent: int) -> list[int]:
    """Processes of that name whose parent is `parent`."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if (folder / "comm").read_text().strip() == name and int(fields[1]) == parent:
                found.append(int(folder.name))
        except OSError:
            continue
    return found
