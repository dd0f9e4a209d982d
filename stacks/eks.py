"""Pools on EKS: from settings to node groups, and what AWS would refuse in the words of the stack file."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from nim_profiles.instance import UnknownInstanceType, instance_type
from pulumi_nim.eks.node_group import CapacityType, EksNodeGroup, ImageFamily
from pulumi_nim.eks.rules import faults
from pulumi_nim.gpu_node_pool import BackEnd
from stacks import on_paper
from stacks.cluster import sandbox_folder
from stacks.faults import Fault
from stacks.settings import PROJECT, Cluster, Eks, EksPool, Settings

OF_CLUSTER = {
    "cluster_name": "cluster",
    "region": "region",
    "security_group_ids": "security_groups",
    "tags": "tags",
}
"""Key under `nim:eks` by the field of a node group."""
_OF_POOL = {"image_family": "image", "reservation_id": "capacity_reservation"}
"""Key of a pool by the field of a node group, where they differ."""
NOWHERE = "http://127.0.0.1:9"
"""The port of discard, where nothing answers: a sandbox that does not run must not become a real account."""


def node_group(pool: EksPool, eks: Eks, *, operated: bool = False) -> EksNodeGroup:
    """`operated`: the GPU operator brings the device plugin. Raises UnknownInstanceType."""
    return EksNodeGroup(
        cluster_name=eks.cluster,
        region=eks.region,
        instance_type=instance_type(pool.instance_type),
        node_count=pool.node_count,
        max_node_count=pool.max_node_count,
        subnets=subnets_of(pool.subnets, eks),
        capacity_type=CapacityType(pool.capacity_type.replace("-", "_").upper()),
        reservation_id=pool.capacity_reservation,
        image_family=ImageFamily(pool.image.upper()),
        device_plugin=pool.device_plugin and not operated,
        efa=pool.efa,
        placement_group=pool.placement_group,
        security_group_ids=tuple(eks.security_groups),
        root_disk_gib=pool.root_disk_gib,
        cni_has_own_role=eks.cni_has_own_role,
        tags=eks.tags,
    )


def subnets_of(chosen: Sequence[str] | None, eks: Eks) -> dict[str, str]:
    """Zone id by id of the subnets that a pool uses."""
    return {name: zone for name, zone in eks.subnets.items() if chosen is None or name in chosen}


def place_faults(name: str, chosen: Sequence[str] | None, eks: Eks | None, file: str) -> tuple[Fault, ...]:
    """What keeps pool `name` from having a place: no cluster, or `chosen` subnets that are not the cluster's."""
    if eks is None:
        why = f"is missing, and pool {name} is to be made on EKS; add cluster, region, subnets"
        return (Fault(file, f"{PROJECT}:eks", why),)
    known = ", ".join(sorted(eks.subnets)) or "none"
    key, strange = f"{PROJECT}:pools.{name}.subnets", [one for one in chosen or () if one not in eks.subnets]
    return tuple(Fault(file, key, f"found {one}; subnets here: {known}") for one in strange)


def eks_faults(settings: Settings, file: str) -> Iterator[Fault]:
    """Of all managed node groups; a fault of the cluster may be told for each."""
    for name, pool in sorted(settings.pools.items()):
        if isinstance(pool, EksPool):
            yield from _pool_faults(name, pool, settings.eks, file)


def _pool_faults(name: str, pool: EksPool, eks: Eks | None, file: str) -> Iterator[Fault]:
    key = f"{PROJECT}:pools.{name}"
    if (nowhere := place_faults(name, pool.subnets, eks, file)) or eks is None:
        yield from nowhere
        return
    try:
        group = node_group(pool, eks)
    except UnknownInstanceType:
        return  # told already, from the raw file
    for found in faults(group):
        field = found.field
        inner = f"{PROJECT}:eks.{OF_CLUSTER[field]}" if field in OF_CLUSTER else f"{key}.{_OF_POOL.get(field, field)}"
        yield Fault(file, inner, found.text)


def region(pools: Mapping[str, BackEnd]) -> str | None:
    """None where nothing is made in AWS."""
    return next((pool.region for pool in pools.values() if isinstance(pool, EksNodeGroup)), None)


def account(cluster: Cluster, root: Path, *, offline: bool = False) -> dict[str, Any]:
    """Arguments of the provider that say which account. A sandbox never leads to a real one, nor does paper.

    `offline`: a preview that asks nobody.
    """
    url = NOWHERE
    if not offline and on_paper.files() is None:
        if cluster.sandbox is None:
            return {}
        path = sandbox_folder(root, cluster.sandbox) / "aws-endpoint"
        url = path.read_text(encoding="utf-8").strip() if path.is_file() else NOWHERE
    return {
        "access_key": "simulated",
        "secret_key": "simulated",
        "skip_credentials_validation": True,
        "skip_metadata_api_check": True,
        "skip_region_validation": True,
        "skip_requesting_account_id": True,
        "endpoints": [dict.fromkeys(("autoscaling", "ec2", "eks", "iam"), url)],
    }
