import io
import json
import tarfile
from pathlib import Path

import pytest

from nim_sandbox.images.layout import digest_of
from nim_sandbox.node.images import ImportFailed, load, write_pause_layout


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
