"""What is put into moto, seen through boto3."""

from collections.abc import Iterator
from typing import Any

import boto3  # type: ignore[import-untyped]  # it makes its clients at run time
import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]  # as above
from moto import mock_aws

from nim_sandbox.aws.moto_gaps import fill


@pytest.fixture(scope="module", autouse=True)
def _filled() -> None:
    fill()


@pytest.fixture
def session() -> Iterator[boto3.session.Session]:
    with mock_aws():
        yield boto3.session.Session("made", "up", region_name="us-east-1")


def node_group(session: boto3.session.Session) -> str:
    """Name of its autoscaling group."""
    eks, role = session.client("eks"), "arn:aws:iam::123456789012:role/r"
    eks.create_cluster(name="nim", roleArn=role, resourcesVpcConfig={})
    made: dict[str, Any] = eks.create_nodegroup(
        clusterName="nim", nodegroupName="g", nodeRole=role, subnets=["subnet-1"], instanceTypes=["g6e.xlarge"]
    )["nodegroup"]
    return str(made["resources"]["autoScalingGroups"][0]["name"])


def tags(session: boto3.session.Session, group: str) -> dict[str, str]:
    filters = [{"Name": "auto-scaling-group", "Values": [group]}]
    return {one["Key"]: one["Value"] for one in session.client("autoscaling").describe_tags(Filters=filters)["Tags"]}


def test_an_autoscaling_group_has_the_tags_that_eks_sets(session: boto3.session.Session) -> None:
    group = node_group(session)
    prefix = "k8s.io/cluster-autoscaler"
    assert tags(session, group) == {f"{prefix}/enabled": "true", f"{prefix}/nim": "owned"}


def test_an_autoscaling_group_goes_with_its_node_group(session: boto3.session.Session) -> None:
    group = node_group(session)
    session.client("eks").delete_nodegroup(clusterName="nim", nodegroupName="g")
    assert tags(session, group) == {}


def test_a_placement_group_is_made_described_and_deleted(session: boto3.session.Session) -> None:
    ec2 = session.client("ec2")
    tagged = [{"ResourceType": "placement-group", "Tags": [{"Key": "a", "Value": "b"}]}]
    made = ec2.create_placement_group(GroupName="p", Strategy="cluster", TagSpecifications=tagged)["PlacementGroup"]
    assert ec2.describe_placement_groups(GroupNames=["p"])["PlacementGroups"] == [made]
    assert (made["Strategy"], made["Tags"]) == ("cluster", [{"Key": "a", "Value": "b"}])
    ec2.delete_placement_group(GroupName="p")
    assert ec2.describe_placement_groups()["PlacementGroups"] == []


@pytest.mark.parametrize("call", ["describe_placement_groups", "delete_placement_group"])
def test_an_unknown_placement_group_is_refused_as_ec2_does(session: boto3.session.Session, call: str) -> None:
    wish = {"GroupNames": ["p"]} if call.startswith("describe") else {"GroupName": "p"}
    with pytest.raises(ClientError, match=r"InvalidPlacementGroup\.Unknown"):
        getattr(session.client("ec2"), call)(**wish)


def test_a_name_is_taken_once(session: boto3.session.Session) -> None:
    session.client("ec2").create_placement_group(GroupName="p", Strategy="cluster")
    with pytest.raises(ClientError, match=r"InvalidPlacementGroup\.Duplicate"):
        session.client("ec2").create_placement_group(GroupName="p", Strategy="spread")
