import io
import json
import tarfile
from pathlib import Path

import pytest

from nim_sandbox.images.layout import digest_of
from nim_sandbox.node.images import ImportFailed, forget, load, write_pause_layout


@pytest.fixture
def layout(tmp_path: Path) -> Path:
    program = tmp_path / "program"
    program.write_bytes(b"pause")
    write_pause_layout(tmp_path / "layout", program)
    return tmp_path / "layout"


def test_the_pause_image_is_one_program_for_a_user_that_is_nobody(layout: Path) -> None:
    manifest = json.loads((layout / "blobs" / digest_of(layout).replace(":", "/")).read_text())
    config = json.loads((layout / "blobs" / manifest["config"]["digest"].replace(":", "/")).read_text())["config"]
    assert (config["Entrypoint"], config["User"]) == (["/pause"], "65535:65535")
    with tarfile.open(layout / "blobs" / manifest["layers"][0]["digest"].replace(":", "/")) as archive:
        assert [(member.name, member.mode) for member in archive] == [("pause", 0o755)]


def test_a_layout_is_streamed_as_an_archive(layout: Path, tmp_path: Path) -> None:
    script = tmp_path / "ctr"
    script.write_text('#!/bin/sh\necho "$@" >"$0.words"\ncat >"$0.tar"\n')
    script.chmod(0o755)
    load(layout, [str(script)], print)
    assert (tmp_path / "ctr.words").read_text() == "images import --snapshotter=overlayfs -\n"
    with tarfile.open(fileobj=io.BytesIO((tmp_path / "ctr.tar").read_bytes())) as archive:
        names = archive.getnames()
    assert {"index.json", "oci-layout", "blobs/sha256"} <= set(names)


@pytest.mark.parametrize("reads", ["", "cat >/dev/null;"])
def test_an_import_that_fails_tells_what_containerd_said(reads: str, layout: Path, tmp_path: Path) -> None:
    (layout / "large").write_bytes(bytes(1 << 20))  # more than a pipe holds: who does not read breaks it
    script = tmp_path / "ctr"
    script.write_text(f"#!/bin/sh\n{reads} echo no space left on device\nexit 1\n")
    script.chmod(0o755)
    with pytest.raises(ImportFailed, match="ended with 1: no space left on device"):
        load(layout, [str(script)], print)


LISTED = """\
REF                                    TYPE                                       DIGEST     SIZE    PLATFORMS   LABELS
localhost/nim-sandbox/pause:1          application/vnd.oci.image.manifest.v1+json sha256:aa  1.6 MiB linux/amd64 -
sandbox.local/base:1                   application/vnd.oci.image.manifest.v1+json sha256:bb  80 MiB  linux/amd64 -
sandbox.local/base@sha256:bb           application/vnd.oci.image.manifest.v1+json sha256:bb  80 MiB  linux/amd64 -
sha256:99                              application/vnd.oci.image.manifest.v1+json sha256:bb  80 MiB  linux/amd64 x=y
sandbox.local/base@sha256:cc           application/vnd.oci.image.manifest.v1+json sha256:cc  80 MiB  linux/amd64 -
"""


@pytest.mark.parametrize(
    ("kept", "removed"),
    [
        ({"sha256:aa", "sha256:cc"}, "images remove sandbox.local/base:1 sandbox.local/base@sha256:bb sha256:99\n"),
        ({"sha256:aa", "sha256:bb", "sha256:cc"}, ""),
    ],
)
def test_the_store_forgets_every_name_of_an_image_that_nobody_has_any_more(
    kept: set[str], removed: str, tmp_path: Path
) -> None:
    (tmp_path / "listed").write_text(LISTED)
    (tmp_path / "words").touch()
    script = tmp_path / "ctr"
    script.write_text(f'#!/bin/sh\n[ "$2" = list ] && exec cat {tmp_path}/listed\necho "$@" >>{tmp_path}/words\n')
    script.chmod(0o755)
    forget([str(script)], kept)
    assert (tmp_path / "words").read_text() == removed
