"""What the node sees of the machine's file system: all of it, with places of its own where its programs write."""

import os
from collections.abc import Mapping
from pathlib import Path

from nim_sandbox.node.namespaces import MS_NODEV, MS_NOSUID, MS_PRIVATE, MS_REC, bind, mount

KERNEL_SETTINGS: Mapping[str, str] = {
    "vm/overcommit_memory": "1",
    "vm/panic_on_oom": "0",
    "kernel/panic": "10",
    "kernel/panic_on_oops": "1",
    "kernel/keys/root_maxkeys": "1000000",
    "kernel/keys/root_maxbytes": "25000000",
}
"""What a kubelet sets where it finds anything else, for the whole machine (setupKernelTunables, Kubernetes 1.36)."""


def enter(folder: Path, images: Path) -> None:
    """To be called in a mount namespace of its own, with new process ids.

    `folder` and `images` keep what outlives the node: containerd has the latter, everything else the former.
    """
    mount("none", "/", "", MS_REC | MS_PRIVATE)
    mount("proc", "/proc", "proc")
    mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV)
    for place in ("/var/lib", "/var/log"):
        _make_own(Path(place))
    kept = {"kubelet": folder / "kubelet", "nim-sandbox": folder / "nim-sandbox", "containerd": images}
    for name, outside in kept.items():
        outside.mkdir(exist_ok=True)
        Path("/var/lib", name).mkdir(exist_ok=True)
        bind(outside, Path("/var/lib", name))
    _pretend_kernel_settings()


def _make_own(place: Path) -> None:
    """`place` as it was, but what is newly made in it is seen by the node alone, and goes with it."""
    aside = Path("/run/machine", *place.parts[1:])
    aside.mkdir(parents=True)
    bind(place, aside)
    mount("tmpfs", place, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755")
    for entry in os.scandir(aside):
        target = place / entry.name
        if entry.is_symlink():
            target.symlink_to(Path(entry.path).readlink())
        elif entry.is_dir():
            target.mkdir()
            bind(Path(entry.path), target)
        elif entry.is_file():
            target.touch()
            bind(Path(entry.path), target)


def _pretend_kernel_settings() -> None:
    """The kubelet finds what it wants, so it leaves the machine's settings alone."""
    shown = Path("/run/kernel-settings")
    for name, value in KERNEL_SETTINGS.items():
        (shown / name).parent.mkdir(parents=True, exist_ok=True)
        (shown / name).write_text(f"{value}\n", encoding="ascii")
        bind(shown / name, Path("/proc/sys", name))
