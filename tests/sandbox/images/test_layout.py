import hashlib
import json
from pathlib import Path

from nim_sandbox.images.layout import (
    NAME_ANNOTATION,
    ImageConfig,
    architecture,
    blob_path,
    config_of,
    digest_of,
    layer_paths,
    write_layout,
)
from nim_sandbox.images.tree import File, Tree

CONFIG = ImageConfig(("/bin/tool",), {"PATH": "/bin", "LANG": "C"}, {"name": "tool"})
LOWER: Tree = {"bin/tool": File(b"#!/bin/sh\n", 0o755)}
UPPER: Tree = {"etc/name": File(b"nim\n")}


def test_the_same_image_has_the_same_digest_wherever_it_is_made(tmp_path: Path) -> None:
    digests = {write_layout(tmp_path / name, "sandbox.local/a:1", [LOWER, UPPER], CONFIG) for name in ("x", "y")}
    assert digests == {digest_of(tmp_path / "x")}


def test_every_blob_is_what_its_name_says(tmp_path: Path) -> None:
    write_layout(tmp_path / "x", "sandbox.local/a:1", [LOWER, UPPER], CONFIG)
    blobs = [*(tmp_path / "x/blobs/sha256").iterdir()]
    assert len(blobs) == 4
    assert [blob for blob in blobs if hashlib.sha256(blob.read_bytes()).hexdigest() != blob.name] == []


def test_the_index_names_the_image_by_tag_and_by_digest(tmp_path: Path) -> None:
    digest = write_layout(tmp_path / "x", "sandbox.local/a:1", [LOWER], CONFIG)
    index = json.loads((tmp_path / "x/index.json").read_text())
    named = {row["annotations"][NAME_ANNOTATION]: row["digest"] for row in index["manifests"]}
    assert named == {"sandbox.local/a:1": digest, f"sandbox.local/a@{digest}": digest}


def test_the_configuration_says_user_environment_and_layers_in_order(tmp_path: Path) -> None:
    digest = write_layout(tmp_path / "x", "sandbox.local/a:1", [LOWER, UPPER], CONFIG)
    manifest = json.loads(blob_path(tmp_path / "x", digest).read_text())
    settings = json.loads(blob_path(tmp_path / "x", manifest["config"]["digest"]).read_text())
    assert settings["rootfs"]["diff_ids"] == [layer["digest"] for layer in manifest["layers"]]
    assert (settings["os"], settings["architecture"]) == ("linux", architecture())
    assert config_of(tmp_path / "x") == {
        "User": "1000:1000",
        "Env": ["LANG=C", "PATH=/bin"],
        "Entrypoint": ["/bin/tool"],
        "Labels": {"name": "tool"},
        "WorkingDir": "/",
    }


def test_layers_of_another_image_are_taken_over_as_they_are(tmp_path: Path) -> None:
    write_layout(tmp_path / "base", "sandbox.local/base:1", [LOWER], CONFIG)
    write_layout(tmp_path / "x", "sandbox.local/a:1", [tmp_path / "base", UPPER], CONFIG)
    below, above = layer_paths(tmp_path / "x")
    assert below.read_bytes() == layer_paths(tmp_path / "base")[0].read_bytes()
    assert below.name != above.name
