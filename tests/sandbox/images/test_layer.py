import hashlib
import io
import os
import tarfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from nim_sandbox.images.layer import Blob, write_layer
from nim_sandbox.images.tree import File, Folder, Link, Tree

TREE: Tree = {
    "usr/bin/tool": File(b"#!/bin/sh\n", 0o755),
    "bin": Link("usr/bin"),
    "tmp": Folder(0o1777),
    "etc/name": File(b"nim\n"),
}


def written(tree: Tree) -> tuple[Blob, bytes]:
    out = io.BytesIO()
    return write_layer(tree, out), out.getvalue()


def test_the_digest_is_that_of_the_bytes() -> None:
    blob, content = written(TREE)
    assert blob == Blob(f"sha256:{hashlib.sha256(content).hexdigest()}", len(content))


@given(st.permutations(sorted(TREE)))
def test_the_order_of_a_tree_never_matters(order: list[str]) -> None:
    assert written({path: TREE[path] for path in order}) == written(TREE)


def test_times_and_owners_of_a_file_leave_no_trace(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for path, seconds in ((one, 1), (other, 2_000_000_000)):
        path.write_bytes(b"nim\n")
        os.utime(path, (seconds, seconds))
    assert (
        written({"etc/name": File(one)}) == written({"etc/name": File(other)}) == written({"etc/name": File(b"nim\n")})
    )


def test_folders_come_before_what_lies_in_them_and_everything_is_roots() -> None:
    with tarfile.open(fileobj=io.BytesIO(written(TREE)[1])) as archive:
        entries = archive.getmembers()
    assert [(entry.name, oct(entry.mode), entry.linkname) for entry in entries] == [
        ("bin", "0o777", "usr/bin"),
        ("etc", "0o755", ""),
        ("etc/name", "0o644", ""),
        ("tmp", "0o1777", ""),
        ("usr", "0o755", ""),
        ("usr/bin", "0o755", ""),
        ("usr/bin/tool", "0o755", ""),
    ]
    assert {(entry.uid, entry.gid, entry.uname, entry.gname, entry.mtime) for entry in entries} == {(0, 0, "", "", 0)}
