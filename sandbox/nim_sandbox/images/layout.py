"""OCI image layouts: a folder with the blobs of one image, which `ctr images import` takes as a tar archive.

After the OCI image specification 1.1: image-layout, manifest, config.
"""

import json
import platform
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nim_sandbox.images.layer import Blob, Digesting, write_layer
from nim_sandbox.images.tree import Tree

MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar"
INDEX_TYPE = "application/vnd.oci.image.index.v1+json"
NAME_ANNOTATION = "io.containerd.image.name"
"""The whole reference; containerd gives it to the image that it imports."""
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
"""Go's word, which the specification wants, by the kernel's."""


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """How the image is run where nobody says more."""

    entrypoint: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    user: str = "1000:1000"


def write_layout(folder: Path, reference: str, layers: Sequence[Tree | Path], config: ImageConfig) -> str:
    """Makes `folder`; returns the manifest's digest. `reference` is `repository:tag`.

    A layer is a tree, or another layout, the layers of which are taken over.
    """
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    written: list[Blob] = []
    for layer in layers:
        written += _copied(layer, blobs) if isinstance(layer, Path) else [_layer(layer, blobs)]
    settings = {
        "architecture": architecture(),
        "os": "linux",
        "config": {
            "User": config.user,
            "Env": [f"{name}={value}" for name, value in sorted(config.env.items())],
            "Entrypoint": [*config.entrypoint],
            "Labels": dict(sorted(config.labels.items())),
            "WorkingDir": "/",
        },
        "rootfs": {"type": "layers", "diff_ids": [blob.digest for blob in written]},
        "history": [{"created_by": "nim-sandbox"} for _ in written],
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": _descriptor(CONFIG_TYPE, _json(settings, blobs)),
        "layers": [_descriptor(LAYER_TYPE, blob) for blob in written],
    }
    described = _descriptor(MANIFEST_TYPE, _json(manifest, blobs))
    # Under both names: a pod asks for the one with the digest, a person for the one with the tag.
    names = (reference, f"{reference.rpartition(':')[0]}@{described['digest']}")
    index = {
        "schemaVersion": 2,
        "mediaType": INDEX_TYPE,
        "manifests": [{**described, "annotations": {NAME_ANNOTATION: name}} for name in names],
    }
    (folder / "index.json").write_text(json.dumps(index))
    (folder / "oci-layout").write_text(json.dumps({"imageLayoutVersion": "1.0.0"}))
    return str(described["digest"])


def digest_of(folder: Path) -> str:
    """Of the manifest: what a reference is pinned by."""
    return str(json.loads((folder / "index.json").read_text())["manifests"][0]["digest"])


def layer_paths(folder: Path) -> list[Path]:
    """The layers' archives, lowest first."""
    return [blob_path(folder, layer["digest"]) for layer in _manifest(folder)["layers"]]


def config_of(folder: Path) -> dict[str, Any]:  # Any: JSON
    """What a runtime does where nobody says more: `User`, `Env`, `Entrypoint`."""
    settings = json.loads(blob_path(folder, _manifest(folder)["config"]["digest"]).read_text())
    return dict(settings["config"])


def blob_path(folder: Path, digest: str) -> Path:
    return folder / "blobs" / digest.replace(":", "/")


def architecture() -> str:
    machine = platform.machine()
    return ARCHITECTURES.get(machine, machine)


def _manifest(folder: Path) -> dict[str, Any]:  # Any: JSON
    return dict(json.loads(blob_path(folder, digest_of(folder)).read_text()))


def _layer(tree: Tree, blobs: Path) -> Blob:
    aside = blobs / "layer"
    with aside.open("wb") as file:
        blob = write_layer(tree, file)
    aside.rename(blobs / blob.digest.removeprefix("sha256:"))
    return blob


def _copied(layout: Path, blobs: Path) -> list[Blob]:
    taken = _manifest(layout)["layers"]
    for layer in taken:
        source = blob_path(layout, layer["digest"])
        shutil.copyfile(source, blobs / source.name)
    return [Blob(layer["digest"], layer["size"]) for layer in taken]


def _json(document: Mapping[str, Any], blobs: Path) -> Blob:  # Any: JSON
    aside = blobs / "document"
    with aside.open("wb") as file:
        digesting = Digesting(file)
        digesting.write(json.dumps(document, separators=(",", ":")).encode())
    aside.rename(blobs / digesting.blob.digest.removeprefix("sha256:"))
    return digesting.blob


def _descriptor(media_type: str, blob: Blob) -> dict[str, Any]:  # Any: JSON
    return {"mediaType": media_type, "digest": blob.digest, "size": blob.size_bytes}
