"""Each rule of EKS and EC2 that would fail at apply time, refused on paper."""

from collections.abc import Mapping
from typing import Any

import pytest

from pulumi_nim.eks.node_group import CapacityType, EksNodeGroup, ImageFamily
from pulumi_nim.eks.rules import faults
from tests.components.eks.samples import BLOCK, GROUP, SUBNET_A, SUBNET_B, group

ONE_SUBNET: Mapping[str, Any] = {"subnets": {SUBNET_A: "use1-az6"}}
BOUGHT: Mapping[str, Any] = {"capacity_type": CapacityType.CAPACITY_BLOCK, "reservation_id": BLOCK, **ONE_SUBNET}

TAKEN = {
    "on demand over two zones": group(),
    "spot": group(capacity_type=CapacityType.SPOT),
    "no node yet, an autoscaler adds them": group(node_count=0, max_node_count=4),
    "bottlerocket": group(image_family=ImageFamily.BOTTLEROCKET),
    "a capacity block in its zone": group("p5.48xlarge", **BOUGHT),
    "EFA in one subnet": group("p6-b300.48xlarge", efa=True, security_group_ids=(GROUP,), **ONE_SUBNET),
    "a placement group in one zone": group(placement_group=True, **ONE_SUBNET),
    "a reservation on demand": group(reservation_id=BLOCK),
    "as many tags as there may be": group(tags={f"t{n}": "" for n in range(49)}),
}


@pytest.mark.parametrize("right", TAKEN.values(), ids=TAKEN)
def test_what_aws_takes_is_taken(right: EksNodeGroup) -> None:
    assert faults(right) == ()


REFUSED: dict[str, tuple[EksNodeGroup, tuple[str, ...]]] = {
    "a cluster's name has no blank": (group(cluster_name="my cluster"), ("cluster_name",)),
    "a subnet is named by its id": (group(subnets={"my-subnet": "use1-az2"}), ("subnets",)),
    "a security group is named by its id": (group(security_group_ids=("default",)), ("security_group_ids",)),
    "a reservation is named by its id": (group(reservation_id="mine"), ("reservation_id",)),
    "a type is offered in the region": (group(region="eu-west-3"), ("region",)),
    "a type is offered in every zone named": (group(subnets={SUBNET_A: "use1-az3"}), ("subnets",)),
    "a zone is one of the region": (group(subnets={SUBNET_A: "usw2-az1"}), ("subnets",)),
    "no NIM image is known for arm64": (group("g5g.16xlarge", image_family=ImageFamily.AL2023), ("instance_type",)),
    "g7 has a driver in no EKS image": (
        group("g7.12xlarge", region="us-east-2", subnets={}),
        ("image_family", "subnets"),
    ),
    "a node group has a subnet": (group(subnets={}), ("subnets",)),
    "nodes are not fewer than none": (group(node_count=-1), ("node_count",)),
    "the most is not less than the least": (group(node_count=3, max_node_count=2), ("max_node_count",)),
    "the most is at least one": (group(node_count=0, max_node_count=0), ("max_node_count",)),
    "a disk of gp3 has limits": (group(root_disk_gib=10), ("root_disk_gib",)),
    "a type is sold as wished": (group(**BOUGHT), ("capacity_type",)),
    "spot uses no reservation": (group(capacity_type=CapacityType.SPOT, reservation_id=BLOCK), ("reservation_id",)),
    "a capacity block has a reservation": (
        group("p5.48xlarge", **{**BOUGHT, "reservation_id": None}),
        ("reservation_id",),
    ),
    "a capacity block lies in one zone": (
        group("p5.48xlarge", **{**BOUGHT, "subnets": {SUBNET_A: "use1-az6", SUBNET_B: "use1-az2"}}),
        ("subnets",),
    ),
    "a capacity block holds 64 instances": (group("p5.48xlarge", **BOUGHT, node_count=65), ("node_count",)),
    "a reservation excludes a placement group": (
        group("p5.48xlarge", **BOUGHT, placement_group=True),
        ("placement_group",),
    ),
    "a placement group lies in one zone": (group(placement_group=True), ("subnets",)),
    "EFA works inside one subnet": (group("p5.48xlarge", efa=True, security_group_ids=(GROUP,)), ("subnets",)),
    "EFA needs a security group": (group("p5.48xlarge", efa=True, **ONE_SUBNET), ("security_group_ids",)),
    "EFA needs a type that has it": (
        group("g6e.xlarge", efa=True, security_group_ids=(GROUP,), **ONE_SUBNET),
        ("efa",),
    ),
    "tags are fifty at most, the name among them": (group(tags={f"t{n}": "" for n in range(50)}), ("tags",)),
    "a tag's prefix aws: is AWS's": (group(tags={"aws:x": ""}), ("tags",)),
    "a tag's value has a length": (group(tags={"x": "y" * 257}), ("tags",)),
}


@pytest.mark.parametrize(("wrong", "fields"), REFUSED.values(), ids=REFUSED)
def test_the_rule_is_kept_on_paper(wrong: EksNodeGroup, fields: tuple[str, ...]) -> None:
    found = faults(wrong)
    assert tuple(fault.field for fault in found) == fields
    assert all(fault.text and "\n" not in fault.text for fault in found)


def test_every_fault_is_told_at_once() -> None:
    wrong = group(cluster_name="", node_count=-1, root_disk_gib=1, subnets={}, efa=True)
    assert [fault.field for fault in faults(wrong)] == [
        "cluster_name",
        "node_count",
        "root_disk_gib",
        "subnets",
        "security_group_ids",
    ]
