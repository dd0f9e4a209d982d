"""What a real node asks of a machine."""

import os
import shutil
import sys
from pathlib import Path

from nim_sandbox.node.cgroups import MOUNTED

OTHERWISE = "or use a cluster that exists: docs/real-node.md"


def objection() -> str | None:
    """Why there can be no real node here, with the fix; None where there can."""
    if not sys.platform.startswith("linux"):
        return f"a real node needs Linux, and this is {sys.platform}: use a Linux machine, {OTHERWISE}"
    if os.geteuid() != 0:
        return f"a real node makes namespaces, mounts and cgroups, which root alone may: run this as root, {OTHERWISE}"
    if not any(MOUNTED.glob("*/cgroup.procs")) and not (MOUNTED / "cgroup.controllers").exists():
        return f"a real node needs cgroups, and {MOUNTED} has none: mount them, {OTHERWISE}"
    if "overlay" not in Path("/proc/filesystems").read_text(encoding="ascii"):
        return f"a real node needs the overlay file system, which this kernel does not have: {OTHERWISE}"
    if shutil.which("ip") is None:
        return f"a real node needs the program ip on PATH: install iproute2, {OTHERWISE}"
    return None
