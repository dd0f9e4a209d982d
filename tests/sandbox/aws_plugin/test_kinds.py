import pytest

from nim_sandbox.aws_plugin.kind import UnknownType
from nim_sandbox.aws_plugin.kinds import KINDS, kind_of_type
from nim_sandbox.aws_plugin.parameters import BadParameters
from nim_sandbox.values import from_struct, plain, to_struct
from pulumi_nim import CapacityType, EksNodeGroup, GpuNodePool, GpuNodePoolArgs, ImageFamily
from tests.components.eks.samples import BLOCK, SUBNET_A, group
from tests.components.eks.samples import GROUP as GROUP_ID
from tests.recording import record

ONE_SUBNET = {SUBNET_A: "use1-az6"}

ALWAYS = (
    "aws:iam/role:Role",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:ec2/launchTemplate:LaunchTemplate",
    "aws:eks/nodeGroup:NodeGroup",
)
TOGETHER = "aws:ec2/placementGroup:PlacementGroup"
TAG = "aws:autoscaling/tag:Tag"
GROUP = {
    "clusterName": "nim",
    "nodeGroupName": "g",
    "nodeRoleArn": "arn:aws:iam::123456789012:role/r",
    "subnetIds": ["subnet-1"],
    "instanceTypes": ["g6e.xlarge"],
    "scalingConfig": {"minSize": 1, "desiredSize": 1, "maxSize": 1},
}


@pytest.mark.parametrize("token", KINDS)
def test_what_is_needed_and_what_replaces_are_inputs(token: str) -> None:
    kind = kind_of_type(token)
    assert kind.required <= kind.inputs
    assert kind.replaced_by <= kind.inputs
    assert not kind.computed & kind.inputs


def test_another_type_is_refused_with_those_that_are_covered() -> None:
    with pytest.raises(UnknownType, match=r"aws:s3/bucket:Bucket is not covered .* aws:eks/nodeGroup:NodeGroup"):
        kind_of_type("aws:s3/bucket:Bucket")


def test_a_node_group_that_eks_takes_is_taken() -> None:
    kind_of_type("aws:eks/nodeGroup:NodeGroup").check(GROUP)


def test_a_desired_size_beyond_its_limits_is_refused_as_eks_does() -> None:
    wrong = {**GROUP, "scalingConfig": {"minSize": 1, "desiredSize": 3, "maxSize": 2}}
    with pytest.raises(BadParameters, match="desiredSize must lie between"):
        kind_of_type("aws:eks/nodeGroup:NodeGroup").check(wrong)


MADE = {
    "plain": group(tags={"a": "b"}),
    "EFA": group("p5.48xlarge", efa=True, security_group_ids=(GROUP_ID,), subnets=ONE_SUBNET),
    "capacity block": group(
        "p5.48xlarge", capacity_type=CapacityType.CAPACITY_BLOCK, reservation_id=BLOCK, subnets=ONE_SUBNET
    ),
    "spot": group(capacity_type=CapacityType.SPOT, security_group_ids=(GROUP_ID,)),
    "bottlerocket": group(image_family=ImageFamily.BOTTLEROCKET),
    "placement group": group(placement_group=True, subnets=ONE_SUBNET),
    "autoscaled": group(node_count=0, max_node_count=4),
}
MORE = {"placement group": TOGETHER, "autoscaled": TAG}


@pytest.mark.parametrize("name", MADE)
def test_what_the_component_makes_is_covered_and_botocore_takes_it(name: str) -> None:
    wanted: EksNodeGroup = MADE[name]
    made = record(lambda: GpuNodePool("p", GpuNodePoolArgs(back_end=wanted))).resources
    aws = [one for one in made if one.type.startswith("aws:")]
    assert {one.type for one in aws} == {*ALWAYS, *([MORE[name]] if name in MORE else [])}
    for one in aws:
        kind = kind_of_type(one.type)
        assert kind.required <= one.inputs.keys() <= kind.inputs
        kind.check(plain(from_struct(to_struct(one.inputs))))  # as the engine sends it: whole numbers whole
