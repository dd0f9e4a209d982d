"""The ways in which a node group on EKS can be had, with the real engine and a simulated account, all in one up."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import yaml

from tests.stacks.engine.conftest import FP8, LLAMA, Project, checked_out
from tests.stacks.engine.test_eks import CONTENT, aws, node_groups, nodes, settled
from tests.stacks.engine.test_lifecycle import changes

pytestmark = pytest.mark.engine
STACK = "eks-variants"
ONE_SUBNET = ["subnet-0000000000000001"]
POOLS: dict[str, dict[str, Any]] = {
    "spot": {"instance_type": "g6e.xlarge", "capacity_type": "spot"},
    "block": {
        "instance_type": "p5.48xlarge",
        "capacity_type": "capacity-block",
        "capacity_reservation": "cr-0123456789abcdef0",
        "subnets": ONE_SUBNET,
    },
    "together": {"instance_type": "g6e.xlarge", "placement_group": True, "subnets": ONE_SUBNET},
    "scaled": {"instance_type": "g6e.xlarge", "node_count": 1, "max_node_count": 3},
    "asleep": {"instance_type": "g6e.12xlarge", "node_count": 0, "max_node_count": 2, "image": "bottlerocket"},
}
ON_SPOT_ALONE = {"rule": "spot-alone", "resource": "spot", "reason": "this test", "until": date(9999, 12, 31)}
"""An up obeys the rules, and one endpoint is on spot nodes on purpose."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Up once; the tests are steps of one life, in their order."""
    with checked_out(tmp_path_factory, STACK) as project:
        content = {
            **CONTENT,
            "nim:cluster": {"sandbox": STACK},
            "nim:pools": {name: {"back_end": "eks", **pool} for name, pool in POOLS.items()},
            "nim:policy": {"exceptions": [ON_SPOT_ALONE]},
            "nim:endpoints": {
                name: {"image": LLAMA, "profile": FP8, "pool": name} for name in POOLS if name != "asleep"
            },
        }
        salt = "v1:Co71Z1prQWo=:v1:x/OMHhP/Xx5y+c4k:PmWP7LEGuL+mttPnrN/2GjlZRdSm7w=="
        project.stack_file.write_text(yaml.safe_dump({"encryptionsalt": salt, "config": content}), encoding="utf-8")
        done = project.stacks("up")
        assert done.code == 0, done.output
        yield project


def group_of(project: Project, pool: str) -> dict[str, Any]:
    (group,) = [one for one in node_groups(project) if one["labels"]["pulumi-nim/pool"] == pool]
    return group


def template_of(project: Project, pool: str) -> dict[str, Any]:
    template = group_of(project, pool)["launchTemplate"]
    wish = {"LaunchTemplateId": template["id"], "Versions": [template["version"]]}
    (version,) = aws(project, "ec2").describe_launch_template_versions(**wish)["LaunchTemplateVersions"]
    return dict(version["LaunchTemplateData"])


def tags_of(project: Project, pool: str) -> dict[str, str]:
    (named,) = group_of(project, pool)["resources"]["autoScalingGroups"]
    filters = [{"Name": "auto-scaling-group", "Values": [named["name"]]}]
    return {one["Key"]: one["Value"] for one in aws(project, "autoscaling").describe_tags(Filters=filters)["Tags"]}


def test_spot_is_asked_of_the_node_group_and_never_of_its_template(project: Project) -> None:
    assert group_of(project, "spot")["capacityType"] == "SPOT"
    assert "InstanceMarketOptions" not in template_of(project, "spot")


def test_a_capacity_block_stands_in_the_template_with_its_type_and_its_reservation(project: Project) -> None:
    group, template = group_of(project, "block"), template_of(project, "block")
    assert (group["capacityType"], group["subnets"]) == ("CAPACITY_BLOCK", ONE_SUBNET)
    assert template["InstanceMarketOptions"] == {"MarketType": "capacity-block"}
    assert template["InstanceType"] == "p5.48xlarge"
    target = template["CapacityReservationSpecification"]["CapacityReservationTarget"]
    assert target == {"CapacityReservationId": "cr-0123456789abcdef0"}


def test_a_placement_group_is_made_and_named_in_the_template(project: Project) -> None:
    (made,) = aws(project, "ec2").describe_placement_groups()["PlacementGroups"]
    assert made["Strategy"] == "cluster"
    assert {"Key": "team", "Value": "models"} in made["Tags"]
    assert template_of(project, "together")["Placement"] == {"GroupName": made["GroupName"]}


def test_an_autoscaler_is_told_what_a_group_without_nodes_would_have(project: Project) -> None:
    told = {key.rpartition("node-template/")[2]: value for key, value in tags_of(project, "asleep").items()}
    assert told["label/pulumi-nim/pool"] == "asleep"
    assert told["taint/nvidia.com/gpu"] == "present:NoSchedule"
    assert told["resources/nvidia.com/gpu"] == "4"
    assert group_of(project, "asleep")["scalingConfig"] == {"minSize": 0, "desiredSize": 0, "maxSize": 2}


def test_a_group_of_a_fixed_size_has_only_the_tags_that_eks_sets(project: Project) -> None:
    assert sorted(tags_of(project, "spot")) == ["k8s.io/cluster-autoscaler/enabled", "k8s.io/cluster-autoscaler/nim"]


def test_every_pool_has_its_nodes_and_every_replica_a_gpu(project: Project) -> None:
    found = sorted(node["metadata"]["labels"]["pulumi-nim/pool"] for node in nodes(project))
    assert found == ["block", "scaled", "spot", "together"]


def test_a_size_that_the_autoscaler_chose_is_left_alone(project: Project) -> None:
    name = group_of(project, "scaled")["nodegroupName"]
    aws(project, "eks").update_nodegroup_config(
        clusterName="nim", nodegroupName=name, scalingConfig={"minSize": 1, "maxSize": 3, "desiredSize": 2}
    )
    assert settled(project, 5)
    assert project.pulumi("refresh", "--yes").code == 0
    done = project.stacks("up")
    assert set(changes(done.output)) == {"unchanged"}, done.output
    assert group_of(project, "scaled")["scalingConfig"]["desiredSize"] == 2


def test_destroy_leaves_the_account_empty(project: Project) -> None:
    done = project.pulumi("destroy", "--yes")
    assert done.code == 0, done.output
    assert node_groups(project) == []
    assert aws(project, "ec2").describe_placement_groups()["PlacementGroups"] == []
    assert aws(project, "autoscaling").describe_tags()["Tags"] == []
    assert settled(project, 0)
