"""Images of the node: from layouts in folders into containerd, as no registry is asked for anything."""

import contextlib
import io
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import IO

from nim_sandbox.folder import SandboxFolder
from nim_sandbox.images import nim
from nim_sandbox.images.layout import ImageConfig, digest_of, write_layout
from nim_sandbox.images.tree import File
from nim_sandbox.node.running import first_process
from nim_sandbox.node.settings import CONTAINERD_SOCKET, PAUSE_IMAGE
from nim_sandbox.tools import locate

MIRROR = nim.REFERENCES[2]
"""The image of `data/mirror.yaml`."""
NAMESPACE = "k8s.io"
"""Of containerd, where the kubelet's images are."""
QUIET_INTERVAL_SECONDS = 10.0


class ImportFailed(RuntimeError):
    """An image could not be imported; the message ends with what containerd said."""


def write_pause_layout(folder: Path, program: Path) -> None:
    """Of the container that holds a pod's namespaces open."""
    write_layout(folder, PAUSE_IMAGE, [{"pause": File(program, 0o755)}], ImageConfig(("/pause",), user="65535:65535"))


def ctr(program: Path) -> list[str]:
    return [str(program), f"--address={CONTAINERD_SOCKET}", f"--namespace={NAMESPACE}"]


def load_into(folder: SandboxFolder, layout: Path, report: Callable[[str], None]) -> None:
    """Nothing where the node has that very image. Raises NoNode or ImportFailed."""
    command = command_from_outside(folder)
    digest = digest_of(layout)
    listed = subprocess.run([*command, "images", "list"], capture_output=True, text=True, check=False).stdout
    if digest not in listed:
        load(layout, command, report)


def command_from_outside(folder: SandboxFolder) -> list[str]:
    """`ctr` for whoever is not in the node's namespaces. Raises NoNode."""
    return ["nsenter", f"--target={first_process(folder)}", "--mount", "--", *ctr(locate(["ctr"])["ctr"])]


def forget(command: list[str], kept: Collection[str]) -> None:
    """Removes all images but those with the digests `kept`. `command` is `ctr` where it can reach containerd."""
    listed = subprocess.run([*command, "images", "list"], capture_output=True, text=True, check=False).stdout
    if references := others(listed, kept):
        subprocess.run([*command, "images", "remove", *references], check=False)


def others(listed: str, kept: Collection[str]) -> list[str]:
    """References in what `ctr images list` prints whose digest is none of `kept`."""
    rows = [line.split() for line in listed.splitlines()[1:]]
    return [reference for reference, _, digest, *_ in rows if digest not in kept]


def load(layout: Path, command: list[str], report: Callable[[str], None]) -> None:
    """Streams the layout to `command`, which is `ctr` where it can reach containerd. Raises ImportFailed."""
    total = sum(path.stat().st_size for path in layout.rglob("*") if path.is_file())
    # All of an image is unpacked at once: the first pod starts as fast as any.
    words = [*command, "images", "import", "--snapshotter=overlayfs", "-"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as running:
        if running.stdin is None or running.stdout is None:
            raise AssertionError("both are pipes")
        # Where it ends early it says why; closing writes what is still held back.
        out = _Counting(running.stdin, total, layout.name, report)
        with contextlib.suppress(BrokenPipeError), running.stdin, tarfile.open(fileobj=out, mode="w|") as archive:
            for path in sorted(layout.rglob("*")):
                archive.add(path, path.relative_to(layout).as_posix(), recursive=False)
        said = running.stdout.read().decode("utf-8", "replace").strip()
    if running.returncode:
        raise ImportFailed(f"{layout.name}: {' '.join(words)} ended with {running.returncode}: {said}")


class _Counting(io.RawIOBase):
    """A file to write to that tells how far it is: on a terminal as it goes, else now and then."""

    def __init__(self, out: IO[bytes], total_bytes: int, what: str, report: Callable[[str], None]) -> None:
        self._out, self._total_bytes, self._what, self._report = out, total_bytes, what, report
        self._written_bytes, self._told = 0, time.monotonic()
        self._interval = 0.2 if sys.stderr.isatty() else QUIET_INTERVAL_SECONDS

    def writable(self) -> bool:
        return True

    def write(self, block: bytes, /) -> int:  # type: ignore[override] # tarfile writes bytes alone
        self._written_bytes += len(block)
        if time.monotonic() - self._told > self._interval:
            self._told = time.monotonic()
            self._report(f"{self._what}: {100 * self._written_bytes // max(1, self._total_bytes)} % imported")
        return self._out.write(block)
