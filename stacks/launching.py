"""What a plain vLLM image is given so that it serves a pinned profile: our launcher and the locked manifest."""

import hashlib
from functools import cache
from pathlib import Path

from nim_launcher import lifecycle, zip_application
from nim_profiles.locked_image import LockedImage
from pulumi_nim.manifests.launcher import Launcher, program_path

DRAIN_SECONDS = 30
"""How long running requests may go on once a pod is to end; Kubernetes' own default grace period."""


class NoManifest(ValueError):
    """The lock file leads to no manifest, or to another one than was locked; says why and what to do."""


@cache
def _program() -> bytes:
    return zip_application.build()


def launcher_of(image: LockedImage, lock_folder: Path) -> Launcher:
    """Raises NoManifest."""
    source = image.source
    if source.kind != "manifest" or source.path is None:
        raise NoManifest("the lock file has no manifest of this image; lock it from a manifest file")
    path = lock_folder / source.path
    try:
        content = path.read_bytes()
    except OSError as error:
        raise NoManifest(f"its manifest {source.path} cannot be read ({error.strerror}); put it back") from None
    if hashlib.sha256(content).hexdigest() != source.sha256:
        raise NoManifest(f"its manifest {source.path} is not the one that was locked; lock the image again")
    return Launcher(
        program=_program(),
        manifest=content.decode(),
        pre_stop=lifecycle.pre_stop(program_path()),
        drain_seconds=DRAIN_SECONDS,
        grace_period_seconds=lifecycle.grace_period_seconds(DRAIN_SECONDS),
    )
