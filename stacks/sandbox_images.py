"""Images that a sandbox builds on this machine: their digests are known here alone, so no stack file writes them."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from nim_profiles.lock import BadLock, Lock
from nim_profiles.stack_wants import BUILT_ON_THE_MACHINE, NOT_BUILT
from stacks.cluster import sandbox_folder
from stacks.faults import BadStackFile, Fault
from stacks.plan import Plan
from stacks.settings import PROJECT

LOCK_FILE = "images.lock.yaml"
"""Written by `nim-sandbox images` into the folder that holds the sandboxes; its paths are absolute."""


def own_images(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Endpoint and `repository:tag` of the images that a stack in a sandbox leaves to this machine."""
    cluster, endpoints = raw.get("cluster"), raw.get("endpoints")
    if not isinstance(cluster, dict) or not isinstance(cluster.get("sandbox"), str) or not isinstance(endpoints, dict):
        return
    for name, endpoint in sorted(endpoints.items()):
        image = endpoint.get("image") if isinstance(endpoint, dict) else None
        if isinstance(image, str) and image.startswith(BUILT_ON_THE_MACHINE) and "@" not in image:
            yield name, image


def made_here(images: Iterable[str]) -> tuple[str, ...]:
    """`repository:tag` of those among pinned images that a sandbox builds."""
    return tuple(sorted({image.partition("@")[0] for image in images if image.startswith(BUILT_ON_THE_MACHINE)}))


def pinned(raw: Mapping[str, Any], lock: Lock, root: Path, file: str) -> tuple[Mapping[str, Any], Lock]:
    """The content of a stack file with the digests of those images, and a lock that has them. Raises BadStackFile."""
    wanted = dict(own_images(raw))
    if not wanted:
        return raw, lock
    path = sandbox_folder(root, raw["cluster"]["sandbox"]).parent / LOCK_FILE
    try:
        built = Lock.read(path) if path.exists() else Lock()
    except BadLock as error:
        raise BadStackFile([Fault(fault, "", "") for fault in error.faults]) from None
    if missing := {name: image for name, image in wanted.items() if image not in built.images}:
        raise BadStackFile([_unbuilt(name, image, file) for name, image in missing.items()])
    endpoints = dict(raw["endpoints"])
    for name, image in wanted.items():
        endpoints[name] = {**endpoints[name], "image": f"{image}@{built.images[image].digest}"}
        lock = lock.with_image(image, built.images[image])
    return {**raw, "endpoints": endpoints}, lock


def stands_in(reference: str) -> bool:
    """Whether it is pinned by a digest that stands for that of an image which this machine has not built."""
    return reference.endswith(f"@{NOT_BUILT}")


def unbuilt_faults(plan: Plan, file: str) -> Iterator[Fault]:
    """What an up cannot do with stand-ins."""
    for one in plan.endpoints:
        if stands_in(one.image):
            yield _unbuilt(one.name, one.image.partition("@")[0], file)


def _unbuilt(name: str, image: str, file: str) -> Fault:
    fix = f"run `nim-sandbox images {image}`, which `make up` does by itself"
    return Fault(
        file, f"{PROJECT}:endpoints.{name}.image", f"found {image}, which this machine has not built yet; {fix}"
    )
