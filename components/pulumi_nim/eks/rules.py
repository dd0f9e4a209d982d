"""What AWS would refuse, or accept and never start, found before anything exists.

Sources: EKS user guide, pages launch-templates, capacity-blocks-mng, node-efa, ml-eks-optimized-ami; botocore 1.44.5
(lengths and patterns); the instance catalogue. Read 2026-11-21.
"""

from collections.abc import Iterator

from pulumi_nim.eks.instance_rules import (
    Fault,
    all_of,
    cluster_name_faults,
    disk_faults,
    id_faults,
    names_a_zone,
    tag_faults,
    zone_name_faults,
)
from pulumi_nim.eks.node_group import CapacityType, EksNodeGroup

CAPACITY_BLOCK_NODES = 64
"""Instances in one capacity block."""
_SOLD_AS = {
    CapacityType.ON_DEMAND: "on-demand",
    CapacityType.SPOT: "spot",
    CapacityType.CAPACITY_BLOCK: "capacity-block",
}


def faults(group: EksNodeGroup) -> tuple[Fault, ...]:
    """All of them, in a stable order."""
    rules = (_names, _instance_type, _sizes, _capacity, _places, _efa, _placement_group)
    return (*(fault for rule in rules for fault in rule(group)), *tag_faults(group.tags))


def _names(group: EksNodeGroup) -> Iterator[Fault]:
    yield from cluster_name_faults(group.cluster_name)
    yield from id_faults("subnets", group.subnets)
    yield from id_faults("security_group_ids", group.security_group_ids)
    yield from id_faults("reservation_id", (group.reservation_id,) if group.reservation_id is not None else ())


def _instance_type(group: EksNodeGroup) -> Iterator[Fault]:
    kind = group.instance_type
    if kind.regions and group.region not in kind.regions:
        there = all_of(kind.regions)
        yield Fault("region", f"found {group.region}, where {kind.name} is not offered; it is in {there}")
    if kind.architecture != "x86_64":
        fix = "choose an x86_64 type: no NIM image for it is known"
        yield Fault("instance_type", f"found {kind.name}, which is {kind.architecture}; {fix}")
    if group.ami_type is None:
        there = all_of(kind.ami_types)
        others = f"; there is {there}" if kind.ami_types else ": it needs a driver that no EKS image has"
        yield Fault(
            "image_family", f"found {group.image_family}, which has no image with a driver for {kind.name}{others}"
        )


def _sizes(group: EksNodeGroup) -> Iterator[Fault]:
    if group.node_count < 0:
        yield Fault("node_count", f"found {group.node_count}; write 0 or more")
    if group.max_node_count is not None and group.max_node_count < max(1, group.node_count):
        least = max(1, group.node_count)
        yield Fault("max_node_count", f"found {group.max_node_count}; write at least {least}, or leave it out")
    yield from disk_faults(group.root_disk_gib)


def _capacity(group: EksNodeGroup) -> Iterator[Fault]:
    kind = group.instance_type
    if kind.capacity_types and _SOLD_AS[group.capacity_type] not in kind.capacity_types:
        sold = all_of(kind.capacity_types)
        yield Fault("capacity_type", f"found {_SOLD_AS[group.capacity_type]}, but {kind.name} is sold as {sold} only")
    if group.capacity_type is CapacityType.SPOT and group.reservation_id is not None:
        yield Fault("reservation_id", "is set, but spot instances use no reservation; remove it or buy on demand")
    if group.capacity_type is not CapacityType.CAPACITY_BLOCK:
        return
    if group.reservation_id is None:
        yield Fault("reservation_id", "is missing; a capacity block is reached by its reservation's id, cr-…")
    if len(zones(group)) > 1:
        yield Fault("subnets", f"found zones {all_of(zones(group))}; leave only the one of the capacity block")
    if max(group.node_count, group.max_node_count or 0) > CAPACITY_BLOCK_NODES:
        yield Fault("node_count", f"is more than the {CAPACITY_BLOCK_NODES} instances that one capacity block holds")


def _places(group: EksNodeGroup) -> Iterator[Fault]:
    if not group.subnets:
        yield Fault("subnets", "is empty; name at least one subnet of the cluster, with its zone id")
    yield from zone_name_faults(group.region, group.subnets)
    offered = group.instance_type.zone_ids.get(group.region, ())
    for subnet, zone in sorted(group.subnets.items()):
        if offered and zone not in offered and not names_a_zone(group.region, zone):
            name, places = group.instance_type.name, all_of(offered)
            yield Fault("subnets", f"found {subnet} in {zone}, where {name} is not offered; in this region: {places}")


def _efa(group: EksNodeGroup) -> Iterator[Fault]:
    if not group.efa:
        return
    if not group.instance_type.efa_layout:
        yield Fault("efa", f"is true, but {group.instance_type.name} has no EFA; choose a type that has, or remove it")
    if len(group.subnets) > 1:
        yield Fault("subnets", f"found {len(group.subnets)} of them; EFA works inside one subnet: leave one")
    if not group.security_group_ids:
        fix = "name the cluster's security group: EKS adds it to no interface that we lay out"
        yield Fault("security_group_ids", f"is empty, and EFA needs a group that lets its members talk; {fix}")


def _placement_group(group: EksNodeGroup) -> Iterator[Fault]:
    if not group.placement_group:
        return
    if group.reservation_id is not None:
        fix = "remove placement_group: the reservation was not made in it, and no instance would start"
        yield Fault("placement_group", f"is true beside a reservation; {fix}")
    if len(zones(group)) > 1:
        yield Fault("subnets", f"found zones {all_of(zones(group))}; a cluster placement group lies in one: leave one")


def zones(group: EksNodeGroup) -> tuple[str, ...]:
    return tuple(sorted(set(group.subnets.values())))
