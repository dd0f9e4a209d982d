"""Replicas of several nodes: how their pods find each other, and what must be true of the pool."""

from collections import Counter
from collections.abc import Iterator

from nim_profiles.lock import Lock, UnlockedImage
from nim_profiles.nim_env import Family, image_family
from nim_profiles.nodes_per_replica import nodes_per_replica
from nim_profiles.profile import Profile
from nim_profiles.selection import Refusal
from pulumi_nim.eks.node_group import EksNodeGroup
from pulumi_nim.gpu_node_pool import BackEnd
from pulumi_nim.images import BadImage, Image
from pulumi_nim.karpenter.nodes import KarpenterNodes
from pulumi_nim.manifests.group import Group, Runtime, environment
from stacks.choosing import choose, place_of
from stacks.faults import Fault
from stacks.settings import PROJECT, EksPool, Endpoint, ExistingPool, KarpenterPool, Pool, Settings, SimulatedPool

RUNTIMES = {
    Family.LLM_1: Runtime.MPI,
    Family.VLM_1: Runtime.MPI,
    Family.LLM_2: Runtime.RAY,
    Family.VLM_2: Runtime.RAY,
}


def runtime(endpoint: Endpoint) -> Runtime | None:
    """None for images of which nobody has said how they spread over nodes."""
    if endpoint.engine == "vllm":
        return Runtime.LAUNCHER
    image = Image.parse(endpoint.image)
    family = image_family(image.repository, image.tag)
    return None if family is None else RUNTIMES.get(family)


def group_of(endpoint: Endpoint, size: int, pool: BackEnd) -> Group | None:
    """None where a replica is one pod. Of an endpoint in which `group_faults` found nothing."""
    if size == 1:
        return None
    way = runtime(endpoint)
    if way is None:
        raise AssertionError("group_faults has refused this")
    topology = endpoint.exclusive_topology
    return Group(size=size, runtime=way, exclusive_topology=topology, efa_interfaces=_efa_interfaces(pool))


def _efa_interfaces(pool: BackEnd) -> int:
    """Of the node that has the fewest."""
    match pool:
        case EksNodeGroup(efa=True):
            return pool.instance_type.efa_interfaces
        case KarpenterNodes(efa=True):
            return min(kind.efa_interfaces for kind in pool.allowed)
        case _:
            return 0


def group_notes(name: str, group: Group | None, pool: BackEnd) -> Iterator[str]:
    if group is not None and isinstance(pool, EksNodeGroup | KarpenterNodes) and not group.efa_interfaces:
        what = f"endpoint {name}: the {group.size} nodes of a replica talk TCP, which slows every token down"
        yield f"{what}; where their type has EFA cards, set efa: true on the pool"


def group_faults(settings: Settings, lock: Lock, file: str) -> Iterator[Fault]:
    """What is wrong in itself, such as an image that is not locked, is told elsewhere."""
    for name, endpoint in sorted(settings.endpoints.items()):
        pool = settings.pools.get(endpoint.pool)
        if pool is None:
            continue
        try:
            gpu, gpus_per_node = place_of(pool.model_dump())
            profile = choose(endpoint.profile, lock.image(endpoint.image).profiles, gpu, gpus_per_node).profile
        except (BadImage, UnlockedImage, Refusal):
            continue
        size = nodes_per_replica(profile, gpus_per_node)
        key = f"{PROJECT}:endpoints.{name}"
        if size > 1:
            yield from _endpoint_faults(endpoint, profile, size, key, file)
            yield from _pool_faults(endpoint, profile, size, pool, settings, file)
        elif endpoint.exclusive_topology is not None:
            problem = f"is for replicas of several nodes, and {profile.name} runs on one node here; leave it out"
            yield Fault(file, f"{key}.exclusive_topology", problem)


def _endpoint_faults(endpoint: Endpoint, profile: Profile, size: int, key: str, file: str) -> Iterator[Fault]:
    takes = f"{profile.name} takes {size} nodes a replica"
    way = runtime(endpoint)
    if way is None:
        problem = f"found {profile.name}, which takes {size} nodes a replica, and how this image does that is not known"
        yield Fault(file, f"{key}.profile", f"{problem}; use a language NIM, or engine vllm with a plain vLLM image")
        return
    group = Group(size=size, runtime=way)
    written = environment(group, profile.tensor_parallel, profile.pipeline_parallel, leader=True)
    for variable in sorted(written.keys() & endpoint.env.keys()):
        yield Fault(file, f"{key}.env.{variable}", f"is written for every pod, since {takes}; leave it out")


def _pool_faults(
    endpoint: Endpoint, profile: Profile, size: int, pool: Pool, settings: Settings, file: str
) -> Iterator[Fault]:
    """Half a group holds GPUs and never serves, so a pool has room for all groups at once."""
    key = f"{PROJECT}:pools.{endpoint.pool}"
    takes = f"{profile.name} takes {size} nodes a replica"
    needed = size * endpoint.replicas
    match pool:
        case ExistingPool():
            return
        case KarpenterPool():
            if (gpus := profile.gpu_count * endpoint.replicas) > pool.max_gpus:
                problem = f"found {pool.max_gpus}, but all replicas take {gpus}, and half a group never serves"
                yield Fault(file, f"{key}.max_gpus", f"{problem}; set it to {gpus} or more")
            return
        case SimulatedPool():
            count, field = pool.node_count, "node_count"
            zones = Counter(pool.zones[number % len(pool.zones)] for number in range(count))
            most = max(zones.values())
        case EksPool():
            field = "node_count" if pool.max_node_count is None else "max_node_count"
            count = pool.node_count if pool.max_node_count is None else pool.max_node_count
            here = {} if settings.eks is None else settings.eks.subnets
            zones = Counter(here[one] for one in pool.subnets or here if one in here)
            most = count if len(zones) <= 1 else 0
    if count < needed:
        all_of_them = "" if endpoint.replicas == 1 else f", and {endpoint.replicas} replicas {needed}"
        yield Fault(file, f"{key}.{field}", f"found {count}, but {takes}{all_of_them}; set it to {needed} or more")
    elif most < size:
        place = "zones" if isinstance(pool, SimulatedPool) else "subnets"
        problem = f"found zones {', '.join(sorted(zones))}, but {takes}, which all lie in one zone; leave one"
        yield Fault(file, f"{key}.{place}", problem)
