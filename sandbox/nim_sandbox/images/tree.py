"""A file tree as a value: what a layer of an image holds."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Folder:
    mode: int = 0o755


@dataclass(frozen=True, slots=True)
class File:
    content: bytes | Path
    """Bytes, or the file that has them."""
    mode: int = 0o644


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link."""

    target: str


Tree = Mapping[str, Folder | File | Link]
"""By path without a slash in front: `usr/bin/python3`. Folders above a path may be left out."""


def tree_of(folder: Path, at: str = "") -> dict[str, Folder | File | Link]:
    """Everything below `folder`, which is to be found at `at` in the image.

    Of a mode only one bit is kept, whether a file may be run: everybody reads everything, and nobody becomes root.
    """
    found: dict[str, Folder | File | Link] = {at: Folder()} if at else {}
    for here, folders, files in os.walk(folder):
        for name in folders + files:
            path = Path(here, name)
            inside = "/".join(filter(None, (at, path.relative_to(folder).as_posix())))
            if path.is_symlink():
                found[inside] = Link(str(path.readlink()))
            elif path.is_dir():
                found[inside] = Folder()
            elif path.is_file():
                found[inside] = File(path, 0o755 if path.stat().st_mode & 0o100 else 0o644)
    return found
