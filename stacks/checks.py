"""What no single key of a stack file shows to be wrong: names, images, profiles and numbers that must agree."""

from collections.abc import Iterator, Mapping
from typing import Any

from nim_profiles.closest import closest
from nim_profiles.instance import UnknownInstanceType, gpu_of_product, instance_type
from nim_profiles.lock import Lock, UnlockedImage
from nim_profiles.profile import Profile
from pulumi_nim.engine_flags import PASSTHROUGH, flags_environment
from pulumi_nim.images import BadImage, Image
from stacks.faults import Fault
from stacks.settings import API_KEY, PROJECT


def cross_faults(raw: Mapping[str, Any], lock: Lock, file: str) -> Iterator[Fault]:
    """Reads the raw content: faults elsewhere in the file hide nothing here."""
    if raw.get("needs_ngc_key", True) is True and API_KEY not in raw:
        fix = f"set it with `pulumi config set --secret {PROJECT}:{API_KEY}`, or set {PROJECT}:needs_ngc_key to false"
        yield Fault(file, f"{PROJECT}:{API_KEY}", f"is missing, and this stack pulls from NVIDIA; {fix}")
    cluster = raw.get("cluster")
    if isinstance(cluster, dict) and ("sandbox" in cluster) == ("context" in cluster):
        yield Fault(file, f"{PROJECT}:cluster", "names both or neither of sandbox and context; name one of them")
    pools, endpoints = _mapping(raw.get("pools")), _mapping(raw.get("endpoints"))
    for name, pool in pools.items():
        yield from _pool_faults(_mapping(pool), f"{PROJECT}:pools.{name}", file)
    for name, endpoint in endpoints.items():
        key = f"{PROJECT}:endpoints.{name}"
        pool = _mapping(endpoint).get("pool")
        if isinstance(pool, str) and pool not in pools:
            yield Fault(file, f"{key}.pool", f"found {pool!r}; pools here: {', '.join(sorted(pools)) or 'none'}")
        yield from _endpoint_faults(_mapping(endpoint), _mapping(pools.get(pool)), lock, key, file)


def _mapping(value: Any) -> dict[str, Any]:  # whatever stands in the file
    return value if isinstance(value, dict) else {}


def _pool_faults(pool: dict[str, Any], key: str, file: str) -> Iterator[Fault]:
    checks = {"instance_type": instance_type, "gpu": gpu_of_product}
    for part, check in checks.items():
        if isinstance(wanted := pool.get(part), str):
            try:
                check(wanted)
            except UnknownInstanceType as error:
                yield Fault(file, f"{key}.{part}", f"found {error}")


def _endpoint_faults(
    endpoint: dict[str, Any], pool: dict[str, Any], lock: Lock, key: str, file: str
) -> Iterator[Fault]:
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
    yield from _engine_faults(endpoint, image, key, file)
    wanted = endpoint.get("profile")
    if not isinstance(wanted, str) or len(wanted) != 64:
        return
    profile = next((profile for profile in locked.profiles if profile.id == wanted), None)
    if profile is None:
        near = "; ".join(f"{one.profile.id} ({one.profile.name})" for one in closest(wanted, locked.profiles))
        yield Fault(file, f"{key}.profile", f"found {wanted}, which this image does not offer; closest: {near}")
        return
    yield from _gpu_faults(endpoint, pool, profile, key, file)


def _engine_faults(endpoint: dict[str, Any], image: str, key: str, file: str) -> Iterator[Fault]:
    """Settings that would be written to a variable which the image ignores, or which the file sets as well."""
    variables = flags_environment(_mapping(endpoint.get("engine")))
    for variable in sorted(variables.keys() & _mapping(endpoint.get("env")).keys()):
        yield Fault(file, f"{key}.env.{variable}", f"is what {key}.engine is written to; say it in one place")
    tag = Image.parse(image).tag or ""
    if PASSTHROUGH in variables and tag.startswith("1."):
        fix = "leave only max_model_len there, or use a 2.x image"
        yield Fault(file, f"{key}.engine", f"goes to {PASSTHROUGH}, which images of NIM 1.x ignore; {fix}")


def _gpu_faults(
    endpoint: dict[str, Any], pool: dict[str, Any], profile: Profile, key: str, file: str
) -> Iterator[Fault]:
    gpu_count = endpoint.get("gpu_count", profile.gpu_count)
    if gpu_count != profile.gpu_count:
        yield Fault(
            file,
            f"{key}.gpu_count",
            f"found {gpu_count}, but {profile.name} runs tensor {profile.tensor_parallel} x pipeline "
            f"{profile.pipeline_parallel} = {profile.gpu_count} GPUs; write that, or leave the key out",
        )
    try:
        nodes = instance_type(pool["instance_type"])
    except (KeyError, UnknownInstanceType):
        return
    if nodes.gpu_count < profile.gpu_count:
        yield Fault(
            file,
            f"{key}.pool",
            f"found nodes of {nodes.name} with {nodes.gpu_count} GPUs each, and one replica needs "
            f"{profile.gpu_count} on one node; choose a pool of larger nodes or another profile",
        )
