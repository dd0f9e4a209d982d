"""What Karpenter or AWS would refuse, or accept and never start, found before anything exists.

Sources: custom resource definitions and documentation of karpenter-provider-aws v1.14.1; EC2's user guide on EFA and on
placement groups; botocore 1.44.5. Read 2026-11-26.
"""

import re
from collections.abc import Iterator, Mapping

from nim_profiles.instance import catalogue
from pulumi_nim.eks.instance_rules import (
    Fault,
    all_of,
    cluster_name_faults,
    disk_faults,
    id_faults,
    tag_faults,
    zone_name_faults,
)
from pulumi_nim.karpenter.nodes import Budget, KarpenterNodes, Market

DISK_MOST_GIB = 59_000
"""The pattern of `volumeSize`."""
DISCOVERY_TAG_COUNT = 20
BUDGET_COUNT = 50
_ALIAS = re.compile(r"al2023@v\d{8}|bottlerocket@v\d+\.\d+\.\d+")
_ROLE = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_AGE = re.compile(r"([0-9]+[smh])+|Never")
_BUDGET_NODES = re.compile(r"(100|[0-9]{1,2})%|[0-9]+")
_BUDGET_DURATION = re.compile(r"[0-9]+[hm]|[0-9]+h[0-9]+m")
_SCHEDULE = re.compile(r"@(annually|yearly|monthly|weekly|daily|midnight|hourly)|\S+( +\S+){4}")
_OWN_TAGS = frozenset(
    {"eks:eks-cluster-name", "karpenter.sh/nodepool", "karpenter.sh/nodeclaim", "karpenter.k8s.aws/ec2nodeclass"}
)


def faults(nodes: KarpenterNodes) -> tuple[Fault, ...]:
    """All of them, in a stable order."""
    rules = (_names, _image, _types, _capacity, _places, _efa, _placement_group, _life, _tags)
    return tuple(fault for rule in rules for fault in rule(nodes))


def _names(nodes: KarpenterNodes) -> Iterator[Fault]:
    yield from cluster_name_faults(nodes.cluster_name)
    yield from id_faults("subnets", nodes.subnets)
    yield from id_faults("security_group_ids", nodes.security_group_ids)
    yield from id_faults("reservation_ids", nodes.reservation_ids)
    if not _ROLE.fullmatch(nodes.role):
        yield Fault("role", f"found {nodes.role!r}; write the name of the nodes' IAM role, not its ARN")


def _image(nodes: KarpenterNodes) -> Iterator[Fault]:
    if nodes.image.endswith("@latest"):
        why = "with which Karpenter replaces every node on the day of a new release"
        yield Fault("image", f"found {nodes.image!r}, {why}; write a release, such as al2023@v20260714")
    elif not _ALIAS.fullmatch(nodes.image):
        fix = "write al2023@v<8 digits> or bottlerocket@v<three numbers>, a release that has NVIDIA's driver"
        yield Fault("image", f"found {nodes.image!r}; {fix}")
    yield from disk_faults(nodes.root_disk_gib, DISK_MOST_GIB)


def _types(nodes: KarpenterNodes) -> Iterator[Fault]:
    if nodes.instance_types is not None:
        for kind in nodes.allowed:
            if (why := nodes.objection(kind)) is not None:
                yield Fault("instance_types", f"found {kind.name}, which {why}; remove it")
    elif not nodes.allowed:
        same = (kind for _, kind in sorted(catalogue().items()) if kind.gpu == nodes.gpu)
        why = "; ".join(f"{kind.name} {nodes.objection(kind)}" for kind in same)
        yield Fault("gpu", f"found {nodes.gpu.product}, of which no node would come: {why}")
    least = min((kind.gpu_count for kind in nodes.allowed), default=1)
    if nodes.gpu_limit < least:
        yield Fault(
            "gpu_limit", f"found {nodes.gpu_limit}, and the smallest node has {least} GPUs; write at least that"
        )


def _capacity(nodes: KarpenterNodes) -> Iterator[Fault]:
    if Market.RESERVED in nodes.markets and not nodes.reservation_ids:
        yield Fault("reservation_ids", "is missing; Karpenter uses only reservations that are named, cr-…")
    if nodes.reservation_ids and Market.RESERVED not in nodes.markets:
        found = all_of(nodes.markets)
        yield Fault("markets", f"found {found}, beside reservations that would not be used; add {Market.RESERVED}")


def _places(nodes: KarpenterNodes) -> Iterator[Fault]:
    fix = "name them by id, or set discovery_tags, such as karpenter.sh/discovery: <cluster>"
    if not nodes.subnets and not nodes.discovery_tags:
        yield Fault("subnets", f"is empty; {fix}")
    if not nodes.security_group_ids and not nodes.discovery_tags:
        yield Fault("security_group_ids", f"is empty, and Karpenter adds none by itself; {fix}")
    yield from zone_name_faults(nodes.region, nodes.subnets)
    if len(nodes.discovery_tags) > DISCOVERY_TAG_COUNT:
        yield Fault(
            "discovery_tags", f"found {len(nodes.discovery_tags)} of them; Karpenter takes {DISCOVERY_TAG_COUNT}"
        )
    for key, value in sorted(nodes.discovery_tags.items()):
        if not key or not value:
            yield Fault("discovery_tags", f"found {key!r}: {value!r}; both need a text, '*' means any value")


def _efa(nodes: KarpenterNodes) -> Iterator[Fault]:
    if not nodes.efa:
        return
    if len(nodes.subnets) != 1:
        yield Fault("subnets", f"found {len(nodes.subnets)} of them by id; EFA works inside one subnet: leave one")
    by_layout: dict[object, str] = {}
    for kind in nodes.allowed:
        by_layout.setdefault(kind.efa_layout, kind.name)
    if len(by_layout) > 1:
        why = "whose network cards differ, and a node class has one layout"
        yield Fault("efa", f"is true for {all_of(by_layout.values())}, {why}; name one in instance_types")


def _placement_group(nodes: KarpenterNodes) -> Iterator[Fault]:
    if nodes.placement_group is None:
        return
    if not nodes.placement_group:
        yield Fault("placement_group", "is empty; write the name of one that exists, or leave it out")
    if nodes.reservation_ids:
        fix = "remove placement_group: the reservation was not made in it, and no instance would start"
        yield Fault("placement_group", f"is set beside a reservation; {fix}")
    if len(nodes.zones) > 1:
        yield Fault("subnets", f"found zones {all_of(nodes.zones)}; a cluster placement group lies in one: leave one")


def _life(nodes: KarpenterNodes) -> Iterator[Fault]:
    for field in ("consolidate_after", "expire_after"):
        if not _AGE.fullmatch(found := getattr(nodes, field)):
            yield Fault(field, f"found {found!r}; write a time such as 30m or 720h, or Never")
    if len(nodes.budgets) > BUDGET_COUNT:
        yield Fault("budgets", f"found {len(nodes.budgets)} of them; Karpenter takes {BUDGET_COUNT}")
    for budget in nodes.budgets:
        yield from _budget(budget)


def _budget(budget: Budget) -> Iterator[Fault]:
    if not _BUDGET_NODES.fullmatch(budget.nodes):
        yield Fault("budgets", f"found nodes {budget.nodes!r}; write a number, or a percentage up to 100%")
    if (budget.schedule is None) != (budget.duration is None):
        yield Fault("budgets", "found a schedule or a duration alone; Karpenter wants both or neither")
    if budget.schedule is not None and not _SCHEDULE.fullmatch(budget.schedule):
        yield Fault("budgets", f"found schedule {budget.schedule!r}; write the five fields of cron, in UTC")
    if budget.duration is not None and not _BUDGET_DURATION.fullmatch(budget.duration):
        yield Fault("budgets", f"found duration {budget.duration!r}; write hours and minutes, such as 12h or 1h30m")


def _tags(nodes: KarpenterNodes) -> Iterator[Fault]:
    yield from tag_faults(nodes.tags)
    yield from _reserved_tags(nodes.tags)


def _reserved_tags(tags: Mapping[str, str]) -> Iterator[Fault]:
    for key in sorted(tags):
        if key in _OWN_TAGS or key.startswith("kubernetes.io/cluster"):
            yield Fault("tags", f"found {key!r}, which Karpenter sets itself; remove it")
