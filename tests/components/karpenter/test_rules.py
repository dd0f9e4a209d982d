"""Each rule of Karpenter and AWS that would fail late, refused on paper."""

import pytest

from nim_profiles.instance import instance_type
from pulumi_nim.karpenter.nodes import Budget, KarpenterNodes, Market
from pulumi_nim.karpenter.rules import faults
from tests.components.karpenter.samples import BLOCK, GROUP, SUBNET_A, nodes

ONE = {SUBNET_A: "use1-az6"}
H100 = "NVIDIA-H100-80GB-HBM3"
P5 = (instance_type("p5.48xlarge"),)

TAKEN = {
    "on demand over two zones": nodes(),
    "found by tags": nodes(subnets={}, security_group_ids=(), discovery_tags={"karpenter.sh/discovery": "nim"}),
    "spot before on demand": nodes(markets=(Market.SPOT, Market.ON_DEMAND)),
    "a capacity reservation": nodes(markets=(Market.RESERVED,), reservation_ids=(BLOCK,)),
    "bottlerocket": nodes(image="bottlerocket@v1.50.0"),
    "EFA in one subnet": nodes(H100, instance_types=P5, efa=True, subnets=ONE),
    "a placement group in one zone": nodes(placement_group="together", subnets=ONE),
    "no node goes in working hours": nodes(budgets=(Budget("0", "0 8 * * mon-fri", "12h"), Budget("10%"))),
    "nodes that live for a month": nodes(expire_after="720h", consolidate_after="Never"),
}


@pytest.mark.parametrize("right", TAKEN.values(), ids=TAKEN)
def test_what_would_be_taken_is_taken(right: KarpenterNodes) -> None:
    assert faults(right) == ()


REFUSED: dict[str, tuple[KarpenterNodes, tuple[str, ...]]] = {
    "a cluster's name has no blank": (nodes(cluster_name="my cluster"), ("cluster_name",)),
    "a subnet is named by its id": (nodes(subnets={"mine": "use1-az6"}), ("subnets",)),
    "a security group is named by its id": (nodes(security_group_ids=("default",)), ("security_group_ids",)),
    "a reservation is named by its id": (
        nodes(markets=(Market.RESERVED,), reservation_ids=("mine",)),
        ("reservation_ids",),
    ),
    "a role is a name, not an ARN": (nodes(role="arn:aws:iam::123456789012:role/nodes"), ("role",)),
    "a role is named": (nodes(role=""), ("role",)),
    "an image is never the latest": (nodes(image="al2023@latest"), ("image",)),
    "an image is an alias with a release": (nodes(image="al2023"), ("image",)),
    "an image has NVIDIA's driver": (nodes(image="windows2022@v20260714"), ("image",)),
    "a disk has room for the system": (nodes(root_disk_gib=10), ("root_disk_gib",)),
    "a disk is one that Karpenter can write down": (nodes(root_disk_gib=60_000), ("root_disk_gib",)),
    "all types have the pool's GPU": (nodes(instance_types=P5), ("instance_types",)),
    "a type is offered in the region": (
        nodes(region="eu-west-3", subnets={}, discovery_tags={"a": "b"}, instance_types=(instance_type("g6e.xlarge"),)),
        ("instance_types",),
    ),
    "some type is offered in the zones": (nodes("NVIDIA-B200", subnets={SUBNET_A: "use1-az2"}), ("gpu",)),
    "g7 has a driver in no EKS image": (
        nodes(gpu=instance_type("g7.12xlarge").gpu, subnets={}, discovery_tags={"a": "b"}),
        ("gpu",),
    ),
    "the limit lets one node come": (
        nodes(gpu_limit=3, instance_types=(instance_type("g6e.12xlarge"),)),
        ("gpu_limit",),
    ),
    "reserved capacity has a reservation": (nodes(markets=(Market.RESERVED,)), ("reservation_ids",)),
    "a reservation is used": (nodes(reservation_ids=(BLOCK,)), ("markets",)),
    "subnets are named or found": (nodes(subnets={}), ("subnets",)),
    "security groups are named or found": (nodes(security_group_ids=()), ("security_group_ids",)),
    "a zone is named by its id": (nodes(subnets={SUBNET_A: "us-east-1a"}), ("gpu", "subnets")),
    "a tag to find by has a key and a value": (nodes(discovery_tags={"a": ""}), ("discovery_tags",)),
    "tags to find by are twenty at most": (
        nodes(discovery_tags={f"t{n}": "x" for n in range(21)}),
        ("discovery_tags",),
    ),
    "EFA works inside one subnet": (nodes(H100, instance_types=P5, efa=True), ("subnets",)),
    "EFA has one layout of cards": (nodes(efa=True, subnets=ONE), ("efa",)),
    "a placement group has a name": (nodes(placement_group="", subnets=ONE), ("placement_group",)),
    "a placement group lies in one zone": (nodes(placement_group="together"), ("subnets",)),
    "a reservation excludes a placement group": (
        nodes(placement_group="p", subnets=ONE, markets=(Market.RESERVED,), reservation_ids=(BLOCK,)),
        ("placement_group",),
    ),
    "a time has a unit": (nodes(consolidate_after="10", expire_after="forever"), ("consolidate_after", "expire_after")),
    "a budget counts nodes": (nodes(budgets=(Budget("all"),)), ("budgets",)),
    "a budget's schedule has a duration": (nodes(budgets=(Budget("0", "0 8 * * *"),)), ("budgets",)),
    "a budget's schedule is cron's": (nodes(budgets=(Budget("0", "8 o'clock", "12h"),)), ("budgets",)),
    "a budget's duration has no days": (nodes(budgets=(Budget("0", "@daily", "1d"),)), ("budgets",)),
    "budgets are fifty at most": (nodes(budgets=(Budget("1"),) * 51), ("budgets",)),
    "a tag's prefix aws: is AWS's": (nodes(tags={"aws:x": ""}), ("tags",)),
    "Karpenter's own tags are its own": (nodes(tags={"karpenter.sh/nodepool": "x"}), ("tags",)),
    "tags of clusters are the clusters'": (nodes(tags={"kubernetes.io/cluster/nim": "owned"}), ("tags",)),
}


@pytest.mark.parametrize(("wrong", "fields"), REFUSED.values(), ids=REFUSED)
def test_the_rule_is_kept_on_paper(wrong: KarpenterNodes, fields: tuple[str, ...]) -> None:
    found = faults(wrong)
    assert tuple(fault.field for fault in found) == fields
    assert all(fault.text and "\n" not in fault.text for fault in found)


def test_without_any_type_every_one_is_told_with_its_reason() -> None:
    (fault,) = faults(nodes("NVIDIA-L40S", subnets={SUBNET_A: "use1-az3"}, security_group_ids=(GROUP,)))
    assert fault.text.startswith(
        "found NVIDIA-L40S, of which no node would come: g6e.12xlarge is offered in use1-az1, "
    )
    assert fault.text.endswith("; g6e.xlarge is offered in use1-az1, use1-az2, use1-az4, use1-az6, not in use1-az3")
