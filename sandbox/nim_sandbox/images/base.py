"""The base image: Python on Debian, and nothing that Python does not need; 83 MB. The other images lie on it."""

from pathlib import Path

from nim_sandbox.images import debian, layer, layout, tree
from nim_sandbox.images.layout import ImageConfig, write_layout
from nim_sandbox.images.recipe import Recipe, Report, source_of
from nim_sandbox.images.tree import File, Folder, Link, Tree, tree_of

PACKAGES = ("python3", "python3-yaml", "coreutils", "dash", "util-linux", "libstdc++6", "libgomp1", "libnuma1")
"""With what a person looks for by `kubectl exec`, `lscpu` which vLLM runs, and the libraries that it does not bring."""
SYSTEM: Tree = {
    "etc/passwd": File(b"root:x:0:0:root:/:/bin/sh\nnim:x:1000:1000::/home/nim:/bin/sh\n"),
    "etc/group": File(b"root:x:0:\nnim:x:1000:\n"),
    "home/nim": Folder(0o777),
    "tmp": Folder(0o1777),
    "usr/bin/sh": Link("dash"),
}
"""What maintainer scripts would have made. The user is that of NIM images."""
REFERENCE = "sandbox.local/base:1"


def root_of(layout_folder: Path) -> Path:
    """The same image unpacked, for those who build with its Python."""
    return layout_folder.parent / "root"


def _build(folder: Path, work: Path, report: Report) -> None:
    root = root_of(folder)
    root.mkdir()
    debian.unpack(PACKAGES, root, work, report)
    debian.compile_all(root, root, work, report)
    write_layout(folder, REFERENCE, [{**tree_of(root), **SYSTEM}], ImageConfig(("/usr/bin/python3",)))


def recipe() -> Recipe:
    inputs = repr((PACKAGES, SYSTEM)).encode() + source_of((debian, layer, layout, tree))
    return Recipe(REFERENCE, inputs, _build)
