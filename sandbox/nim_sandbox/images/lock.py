"""What this machine's own images offer, in the form of the lock file, so that stacks pin them like any other image."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from nim_profiles.lock import Lock, alone
from nim_profiles.lock_entry import locked_image
from nim_profiles.locked_image import LockedImage, Origin, Shape
from nim_profiles.manifest import Manifest, parse_manifest, write_manifest
from nim_sandbox.images.layout import digest_of
from nim_sandbox.images.tiny_llama import model_files

FILE = "images.lock.yaml"
"""In the folder that holds the sandboxes."""


def lock_images(home: Path, layouts: Mapping[str, Path], manifests: Mapping[str, Manifest]) -> None:
    """Puts the images into `home`/images.lock.yaml; what other images say there stays."""
    (home / "images").mkdir(parents=True, exist_ok=True)
    path = home / FILE
    with alone(path):
        lock = Lock.read(path) if path.exists() else Lock()
        for reference, layout in layouts.items():
            lock = lock.with_image(reference, _entry(home, layout, manifests[reference]))
        lock.write(path)


def _entry(home: Path, layout: Path, manifest: Manifest) -> LockedImage:
    """Files that it names stand in `home`, not in the cache: what is planned once is planned alike later."""
    text = write_manifest(manifest)
    manifest_path = home / "images" / f"{layout.name}.manifest.yaml"
    config_path = home / "images" / "config.json"
    manifest_path.write_text(text)
    config_path.write_bytes(model_files()["config.json"])
    read = parse_manifest(text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return locked_image(
        read.profiles,
        Origin(kind="manifest", path=str(manifest_path), sha256=digest),
        digest_of(layout),
        model=read.model,
        release=read.release,
        shape=Shape(config=str(config_path)),
        digest_source="of the image that was built on this machine; no registry has it",
    )
