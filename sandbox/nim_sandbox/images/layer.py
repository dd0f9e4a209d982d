"""Layers: file trees as tar archives, the same bytes for the same tree on every machine."""

import hashlib
import io
import tarfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from nim_sandbox.images.tree import File, Folder, Link, Tree


@dataclass(frozen=True, slots=True)
class Blob:
    """What a layout knows by its digest."""

    digest: str
    """`sha256:<64 hex>`."""
    size_bytes: int


class Digesting(io.RawIOBase):
    """Passes on what is written, and knows its digest."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._hash = hashlib.sha256()
        self._size_bytes = 0

    def writable(self) -> bool:
        return True

    def write(self, block: bytes, /) -> int:  # type: ignore[override] # tarfile writes bytes alone
        self._hash.update(block)
        self._size_bytes += len(block)
        return self._out.write(block)

    def tell(self) -> int:
        return self._size_bytes

    @property
    def blob(self) -> Blob:
        return Blob(f"sha256:{self._hash.hexdigest()}", self._size_bytes)


def write_layer(tree: Tree, out: BinaryIO) -> Blob:
    """Sorted, no times, no owners but root, not compressed: importing is then a copy, and the digest is the content's.

    Folders that the tree leaves out are put in front of what lies in them.
    """
    digesting = Digesting(out)
    with tarfile.open(fileobj=digesting, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, node in sorted(complete(tree).items()):
            entry = tarfile.TarInfo(path)  # owner 0:0 without names, time 0
            match node:
                case Folder(mode=mode):
                    entry.type, entry.mode = tarfile.DIRTYPE, mode
                    archive.addfile(entry)
                case Link(target=target):
                    entry.type, entry.mode, entry.linkname = tarfile.SYMTYPE, 0o777, target
                    archive.addfile(entry)
                case File(content=bytes() as content, mode=mode):
                    entry.mode, entry.size = mode, len(content)
                    archive.addfile(entry, io.BytesIO(content))
                case File(content=Path() as source, mode=mode):
                    entry.mode, entry.size = mode, source.stat().st_size
                    with source.open("rb") as file:
                        archive.addfile(entry, file)
    return digesting.blob


def complete(tree: Tree) -> dict[str, Folder | File | Link]:
    """With every folder that lies above something."""
    above = {str(parent): Folder() for path in tree for parent in PurePosixPath(path).parents}
    del above["."]
    return {**above, **tree}
