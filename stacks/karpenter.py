"""Pools that Karpenter fills: from settings to its nodes, and what would be refused in the words of the stack file."""

from collections.abc import Iterator, Mapping

from nim_profiles.instance import UnknownInstanceType, gpu_of_product, instance_type
from pulumi_nim.gpu_node_pool import BackEnd
from pulumi_nim.karpenter.nodes import Budget, KarpenterNodes
from pulumi_nim.karpenter.rules import faults
from stacks.eks import OF_CLUSTER, place_faults, subnets_of
from stacks.faults import Fault
from stacks.settings import PROJECT, Eks, KarpenterPool, Settings

_OF_CLUSTER = {**OF_CLUSTER, "role": "karpenter_role", "discovery_tags": "discovery_tags"}
_OF_POOL = {"gpu_limit": "max_gpus", "markets": "capacity_types", "reservation_ids": "capacity_reservations"}
"""Key of a pool by the field of Karpenter's nodes, where they differ."""


def nodes_of(pool: KarpenterPool, eks: Eks, *, simulated: bool, operated: bool = False) -> KarpenterNodes:
    """`operated`: the GPU operator brings the device plugin. Raises UnknownInstanceType."""
    types = None if pool.instance_types is None else tuple(map(instance_type, pool.instance_types))
    return KarpenterNodes(
        cluster_name=eks.cluster,
        region=eks.region,
        gpu=gpu_of_product(pool.gpu),
        gpu_limit=pool.max_gpus,
        image=pool.image,
        role=eks.karpenter_role or "",
        subnets=subnets_of(pool.subnets, eks),
        security_group_ids=tuple(eks.security_groups),
        discovery_tags=eks.discovery_tags,
        instance_types=types,
        markets=tuple(pool.capacity_types),
        reservation_ids=tuple(pool.capacity_reservations),
        device_plugin=pool.device_plugin and not operated,
        efa=pool.efa,
        placement_group=pool.placement_group,
        root_disk_gib=pool.root_disk_gib,
        consolidate_after=pool.consolidate_after,
        expire_after=pool.expire_after,
        budgets=tuple(Budget(one.nodes, one.schedule, one.duration) for one in pool.budgets),
        tags=eks.tags,
        simulated=simulated,
    )


def karpenter_faults(settings: Settings, file: str) -> Iterator[Fault]:
    """Of all pools of Karpenter's; a fault of the cluster may be told for each."""
    for name, pool in sorted(settings.pools.items()):
        if isinstance(pool, KarpenterPool):
            yield from _pool_faults(name, pool, settings, file)


def _pool_faults(name: str, pool: KarpenterPool, settings: Settings, file: str) -> Iterator[Fault]:
    key, eks = f"{PROJECT}:pools.{name}", settings.eks
    if (nowhere := place_faults(name, pool.subnets, eks, file)) or eks is None:
        yield from nowhere
        return
    try:
        nodes = nodes_of(pool, eks, simulated=settings.cluster.sandbox is not None)
    except UnknownInstanceType:
        return  # told already, from the raw file
    for found in faults(nodes):
        field = found.field
        if field == "role" and eks.karpenter_role is None:
            why = "is missing; name the IAM role of the nodes that Karpenter starts"
            yield Fault(file, f"{PROJECT}:eks.karpenter_role", why)
            continue
        inner = f"{PROJECT}:eks.{_OF_CLUSTER[field]}" if field in _OF_CLUSTER else f"{key}.{_OF_POOL.get(field, field)}"
        yield Fault(file, inner, found.text)


def uses_karpenter(pools: Mapping[str, BackEnd]) -> bool:
    return any(isinstance(pool, KarpenterNodes) for pool in pools.values())
