"""What this machine's own images offer, in the form of the lock file, so that stacks pin them like any other image."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from nim_profiles.lock import Lock, alone
from nim_profiles.lock_entry import locked_image
from nim_profiles.locked_image import LockedImage, Origin, Shape
from nim_profiles.manifest import Manifest, parse_manifest, write_manifest
from nim_profiles.stack_wants import NOT_BUILT
from nim_sandbox.images.recipe import name_of
from nim_sandbox.images.tiny_llama import model_files

FILE = "images.lock.yaml"
"""In the folder that holds the sandboxes."""
BUILT_HERE = "of the image that was built on this machine; no registry has it"
STAND_IN = "of no image: it stands for one that this machine has not built"


def lock_images(home: Path, digests: Mapping[str, str], manifests: Mapping[str, Manifest]) -> None:
    """Puts the images, by reference, into `home`/images.lock.yaml; what other images say there stays."""
    (home / "images").mkdir(parents=True, exist_ok=True)
    path = home / FILE
    with alone(path):
        lock = Lock.read(path) if path.exists() else Lock()
        for reference, digest in digests.items():
            lock = lock.with_image(reference, _entry(home, reference, digest, manifests[reference]))
        lock.write(path)


def _entry(home: Path, reference: str, digest: str, manifest: Manifest) -> LockedImage:
    """Files that it names stand in `home`, not in the cache: what is planned once is planned alike later."""
    text = write_manifest(manifest)
    manifest_path = home / "images" / f"{name_of(reference)}.manifest.yaml"
    config_path = home / "images" / "config.json"
    manifest_path.write_text(text)
    config_path.write_bytes(model_files()["config.json"])
    read = parse_manifest(text)
    return locked_image(
        read.profiles,
        Origin(kind="manifest", path=str(manifest_path), sha256=hashlib.sha256(text.encode()).hexdigest()),
        digest,
        model=read.model,
        release=read.release,
        shape=Shape(config=str(config_path)),
        digest_source=STAND_IN if digest == NOT_BUILT else BUILT_HERE,
    )
