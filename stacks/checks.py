"""What no single key of a stack file shows to be wrong: names, images, profiles and numbers that must agree."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from nim_profiles.instance import UnknownInstanceType, gpu_of_product, instance_type
from nim_profiles.lock import Lock, UnlockedImage
from nim_profiles.mig import is_slice
from nim_profiles.nim_env import Family, Level, image_family
from nim_profiles.nodes_per_replica import nodes_per_replica
from nim_profiles.profile import Profile
from nim_profiles.selection import Refusal
from pulumi_nim.images import BadImage, Image
from stacks.choosing import choose, forbidden, largest_node, place_of, refusal
from stacks.container import wrong
from stacks.existing import misplaced
from stacks.faults import Fault
from stacks.launching import NoManifest, launcher_of
from stacks.settings import API_KEY, PROJECT, Endpoint
from stacks.stack_file import lacks_key

FIRST_ON_SLICES = (1, 13)
"""NIM LLM whose documentation supports MIG, for small models; before it does not (docs 1.12 and 1.13, read 2026-08)."""


def cross_faults(raw: Mapping[str, Any], lock: Lock, lock_folder: Path, file: str) -> Iterator[Fault]:
    """Reads the raw content: faults elsewhere in the file hide nothing here."""
    if lacks_key(raw):
        fix = f"set it with `pulumi config set --secret {PROJECT}:{API_KEY}`, or set {PROJECT}:needs_ngc_key to false"
        yield Fault(file, f"{PROJECT}:{API_KEY}", f"is missing, and this stack pulls from NVIDIA; {fix}")
    cluster = raw.get("cluster")
    named = cluster.keys() & {"sandbox", "context", "eks"} if isinstance(cluster, dict) else {"sandbox"}
    if len(named) != 1 and named != {"sandbox", "eks"}:
        yield Fault(file, f"{PROJECT}:cluster", "names none or several of sandbox, context and eks; name one of them")
    if isinstance(cluster, dict) and "eks" in cluster and "eks" not in raw:
        yield Fault(file, f"{PROJECT}:eks", "is missing, and the cluster is to be looked up; add cluster and region")
    if isinstance(cluster, dict) and cluster.get("real_node") is True and "sandbox" not in cluster:
        fault = "is of a sandbox, and this is another cluster, whose nodes are real anyway; leave it out"
        yield Fault(file, f"{PROJECT}:cluster.real_node", fault)
    pools, endpoints = _mapping(raw.get("pools")), _mapping(raw.get("endpoints"))
    for name, pool in pools.items():
        yield from _pool_faults(_mapping(pool), f"{PROJECT}:pools.{name}", file)
    for name, endpoint in endpoints.items():
        key = f"{PROJECT}:endpoints.{name}"
        wanted = _mapping(endpoint).get("pool")
        nodes = pools.get(wanted) if isinstance(wanted, str) else None
        if isinstance(wanted, str) and wanted not in pools:
            here = ", ".join(sorted(map(str, pools))) or "none"
            yield Fault(file, f"{key}.pool", f"found {wanted!r}; pools here: {here}")
        allowed = raw.get("profile_selection", ["id"])
        yield from _endpoint_faults(_mapping(endpoint), _mapping(nodes), allowed, lock, key, file)
        yield from _launcher_faults(_mapping(endpoint), lock, lock_folder, key, file)


def _mapping(value: Any) -> dict[str, Any]:  # whatever stands in the file
    return value if isinstance(value, dict) else {}


def _pool_faults(pool: dict[str, Any], key: str, file: str) -> Iterator[Fault]:
    checks = {"instance_type": instance_type, "instance_types": instance_type, "gpu": gpu_of_product}
    for part, check in checks.items():
        found = pool.get(part)
        for wanted in found if isinstance(found, list) else (found,):
            if isinstance(wanted, str):
                try:
                    check(wanted)
                except UnknownInstanceType as error:
                    yield Fault(file, f"{key}.{part}", f"found {error}")


def _endpoint_faults(
    endpoint: dict[str, Any], pool: dict[str, Any], allowed: Any, lock: Lock, key: str, file: str
) -> Iterator[Fault]:  # Any: whatever stands in the file
    image = endpoint.get("image")
    if not isinstance(image, str):
        return
    try:
        Image.parse(image)
        locked = lock.image(image)
    except BadImage as error:
        yield Fault(file, f"{key}.image", f"found {image!r}, which {error}")
        return
    except UnlockedImage as error:
        yield Fault(file, f"{key}.image", " ".join(str(error).split()))
        return
    wanted = endpoint.get("profile")
    if not isinstance(wanted, str | None):
        return
    try:
        choice = choose(wanted, locked.profiles, *place_of(pool))
    except Refusal as error:
        yield Fault(file, f"{key}.profile", refusal(error, locked.profiles))
        return
    if isinstance(allowed, list) and (why := forbidden(choice, allowed)):
        yield Fault(file, f"{key}.profile", why)
    profile = choice.profile
    yield from _gpu_faults(endpoint, pool, profile, key, file)
    try:
        settings = Endpoint.model_validate(endpoint)
    except ValidationError:
        return  # told by the settings themselves
    for found in wrong(settings, key.rsplit(".", 1)[-1], profile, locked.profiles):
        if found.level is Level.REFUSE:
            yield Fault(file, f"{key}.{found.key}", found.problem)


def _launcher_faults(endpoint: dict[str, Any], lock: Lock, lock_folder: Path, key: str, file: str) -> Iterator[Fault]:
    """A plain vLLM image has no manifest in it: the launcher gets the one that was locked."""
    image = endpoint.get("image")
    if endpoint.get("engine") != "vllm" or not isinstance(image, str):
        return
    try:
        launcher_of(lock.image(image), lock_folder)
    except UnlockedImage:
        return
    except NoManifest as error:
        yield Fault(file, f"{key}.engine", f"found vllm, but {error}")


def _gpu_faults(
    endpoint: dict[str, Any], pool: dict[str, Any], profile: Profile, key: str, file: str
) -> Iterator[Fault]:
    if pool and (why := misplaced(profile, without_gpus="processors" in pool)):
        yield Fault(file, f"{key}.pool", why)
        return
    gpu_count = endpoint.get("gpu_count", profile.gpu_count)
    if gpu_count != profile.gpu_count:
        yield Fault(
            file,
            f"{key}.gpu_count",
            f"found {gpu_count}, but {profile.name} runs tensor {profile.tensor_parallel} x pipeline "
            f"{profile.pipeline_parallel} = {profile.gpu_count}; write that, or leave the key out",
        )
    if isinstance(product := pool.get("gpu"), str) and is_slice(product):
        yield from _slice_faults(endpoint, product, profile, key, file)
        return
    try:
        nodes = largest_node(pool)
    except UnknownInstanceType:
        return
    if nodes is not None and nodes_per_replica(profile, nodes.gpu_count) == 0:
        # Of several stages each may have a node of its own.
        what = "one replica" if profile.pipeline_parallel == 1 else "one pipeline stage"
        yield Fault(
            file,
            f"{key}.pool",
            f"found nodes of {nodes.name} with {nodes.gpu_count} GPUs each, and {what} needs "
            f"{profile.tensor_parallel} on one node; choose a pool of larger nodes or another profile",
        )


def _slice_faults(endpoint: dict[str, Any], product: str, profile: Profile, key: str, file: str) -> Iterator[Fault]:
    """Whether the slice is large enough is the memory estimate's matter."""
    if profile.gpu_count > 1:
        problem = f"found MIG slices ({product}), and {profile.name} needs {profile.gpu_count} GPUs that talk to each"
        yield Fault(file, f"{key}.pool", f"{problem} other, which slices cannot; choose whole GPUs or another profile")
    image = Image.parse(endpoint["image"])
    version = tuple(int(number) for number in (image.tag or "").split(".")[:2] if number.isdigit())
    if image_family(image.repository, image.tag) is Family.LLM_1 and version < FIRST_ON_SLICES:
        problem = f"found MIG slices ({product}), on which LLM images run from 1.13 on"
        yield Fault(file, f"{key}.pool", f"{problem}; choose whole GPUs or a newer image")
