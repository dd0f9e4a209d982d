from typing import Any

import pytest

from pulumi_nim import EksNodeGroup, GpuNodePool, GpuNodePoolArgs, ImageFamily
from pulumi_nim.eks_nodes import BadNodeGroup
from tests.components.eks.samples import group
from tests.recording import Recording, record

DAEMON_SET = "kubernetes:apps/v1:DaemonSet"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"


def pool(wanted: EksNodeGroup) -> Recording:
    return record(lambda: GpuNodePool("l40s", GpuNodePoolArgs(back_end=wanted)))


@pytest.fixture(scope="module")
def made() -> Recording:
    return pool(group(tags={"team": "a"}))


def test_urns_of_an_eks_pool_are_a_promise(made: Recording) -> None:
    assert sorted(f"{one.type} {one.name}" for one in made.resources) == [
        "aws:ec2/launchTemplate:LaunchTemplate l40s",
        "aws:eks/nodeGroup:NodeGroup l40s",
        "aws:iam/role:Role l40s",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment l40s-cni",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment l40s-images",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment l40s-worker",
        "kubernetes:apps/v1:DaemonSet nvidia-device-plugin-l40s",
        "nim:compute:GpuNodePool l40s",
    ]


def test_the_node_group_waits_for_the_rights_of_its_nodes(made: Recording) -> None:
    attachments = {f"aws:iam/rolePolicyAttachment:RolePolicyAttachment l40s-{n}" for n in ("cni", "images", "worker")}
    assert attachments <= set(made.one(NODE_GROUP).depends_on)


def test_the_version_of_the_template_is_text(made: Recording) -> None:
    assert made.one(NODE_GROUP).inputs["launchTemplate"] == {"id": "l40s-id", "version": "1"}


def test_a_node_group_has_an_hour(made: Recording) -> None:
    assert made.one(NODE_GROUP).create_timeout == "60m"


def test_the_engine_gets_eks_spelling(made: Recording) -> None:
    inputs = made.one(NODE_GROUP).inputs
    assert inputs["scalingConfig"] == {"desiredSize": 2, "minSize": 1, "maxSize": 2}
    assert inputs["updateConfig"] == {"maxUnavailable": 1, "updateStrategy": "MINIMAL"}
    template = made.one(TEMPLATE).inputs
    assert template["metadataOptions"]["httpTokens"] == "required"
    assert template["tagSpecifications"][0] == {"resourceType": "instance", "tags": {"team": "a", "Name": "l40s"}}


def test_desired_size_is_left_alone_only_where_an_autoscaler_owns_it(made: Recording) -> None:
    assert made.one(NODE_GROUP).ignore_changes == ()
    scaled = pool(group(max_node_count=4))
    assert scaled.one(NODE_GROUP).ignore_changes == ("scalingConfig.desiredSize",)


def test_an_autoscaler_is_told_of_a_group_without_nodes() -> None:
    scaled = pool(group(node_count=0, max_node_count=4))
    tags = {one.name: one.inputs for one in scaled.of("aws:autoscaling/tag:Tag")}
    assert sorted(tags) == ["l40s-accelerator", "l40s-disk", "l40s-gpus", "l40s-pool", "l40s-taint"]
    assert {one["autoscalingGroupName"] for one in tags.values()} == {"eks-l40s"}
    gpus = "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu"
    assert tags["l40s-gpus"]["tag"] == {"key": gpus, "value": "4", "propagateAtLaunch": False}


def test_a_group_of_a_fixed_size_has_no_tags_for_an_autoscaler(made: Recording) -> None:
    assert made.of("aws:autoscaling/tag:Tag") == []


def test_a_placement_group_is_made_and_used_where_it_is_asked_for() -> None:
    together = pool(group(placement_group=True, subnets={"subnet-000000000000000a": "use1-az2"}))
    made = together.one("aws:ec2/placementGroup:PlacementGroup").inputs
    assert made["strategy"] == "cluster"
    assert together.one(TEMPLATE).inputs["placement"] == {"groupName": made["name"]}


def test_the_device_plugin_runs_on_the_nodes_of_its_own_pool(made: Recording) -> None:
    plugin = made.one(DAEMON_SET).inputs
    pod = plugin["spec"]["template"]["spec"]
    assert pod["nodeSelector"] == {"pulumi-nim/pool": "l40s"}
    assert made.one(NODE_GROUP).inputs["labels"]["pulumi-nim/pool"] == "l40s"
    assert pod["containers"][0]["image"] == "nvcr.io/nvidia/k8s-device-plugin:v0.20.0"
    (taint,) = made.one(NODE_GROUP).inputs["taints"]
    assert [(one["key"], one["operator"]) for one in pod["tolerations"]] == [(taint["key"], "Exists")]


@pytest.mark.parametrize("there", [{"device_plugin": False}, {"image_family": ImageFamily.BOTTLEROCKET}])
def test_no_second_device_plugin_where_one_is_there(there: dict[str, Any]) -> None:
    assert DAEMON_SET not in [one.type for one in pool(group(**there)).resources]


def test_pods_select_what_a_node_has_from_birth() -> None:
    selectors = []
    record(lambda: selectors.append(GpuNodePool("p", GpuNodePoolArgs(back_end=group())).node_selector))
    assert selectors == [{"node.kubernetes.io/instance-type": "g6e.12xlarge", "pulumi-nim/pool": "p"}]


def test_what_aws_would_refuse_registers_nothing_and_names_every_reason() -> None:
    wrong = group(node_count=-1, subnets={})
    with pytest.raises(BadNodeGroup) as refused:
        pool(wrong)
    assert [line.split()[:3] for line in str(refused.value).splitlines()] == [
        ["pool", "l40s:", "node_count"],
        ["pool", "l40s:", "subnets"],
    ]
