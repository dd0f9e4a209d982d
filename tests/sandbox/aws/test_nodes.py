from typing import Any

import pytest

from nim_sandbox.aws.nodes import Zone, wanted_nodes

ZONES = {"subnet-1": Zone("us-east-1b", "use1-az1"), "subnet-2": Zone("us-east-1c", "use1-az2")}


def group(**changes: Any) -> dict[str, Any]:
    described = {
        "nodegroupName": "l40s-1a2b",
        "status": "ACTIVE",
        "capacityType": "ON_DEMAND",
        "instanceTypes": ["g6e.12xlarge"],
        "subnets": ["subnet-2", "subnet-1"],
        "scalingConfig": {"minSize": 0, "maxSize": 5, "desiredSize": 3},
        "labels": {"pulumi-nim/pool": "l40s"},
        "taints": [{"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"}],
        "launchTemplate": {"id": "lt-1", "version": "4"},
    }
    return {**described, **changes}


def test_there_are_as_many_nodes_as_desired_spread_over_the_zones() -> None:
    nodes = wanted_nodes([group()], ZONES)
    zones = [node["metadata"]["labels"]["topology.kubernetes.io/zone"] for node in nodes.values()]
    assert list(nodes) == ["l40s-1a2b-0", "l40s-1a2b-1", "l40s-1a2b-2"]
    assert zones == ["us-east-1b", "us-east-1c", "us-east-1b"]


def test_a_node_carries_the_labels_of_its_group_and_those_of_eks() -> None:
    labels = wanted_nodes([group()], ZONES)["l40s-1a2b-1"]["metadata"]["labels"]
    expected = {
        "pulumi-nim/pool": "l40s",
        "eks.amazonaws.com/nodegroup": "l40s-1a2b",
        "eks.amazonaws.com/capacityType": "ON_DEMAND",
        "eks.amazonaws.com/sourceLaunchTemplateId": "lt-1",
        "eks.amazonaws.com/sourceLaunchTemplateVersion": "4",
        "node.kubernetes.io/instance-type": "g6e.12xlarge",
        "topology.k8s.aws/zone-id": "use1-az2",
    }
    assert expected.items() <= labels.items()


@pytest.mark.parametrize(
    ("told", "meant"),
    [("NO_SCHEDULE", "NoSchedule"), ("NO_EXECUTE", "NoExecute"), ("PREFER_NO_SCHEDULE", "PreferNoSchedule")],
)
def test_taints_are_spelt_as_kubernetes_spells_them(told: str, meant: str) -> None:
    nodes = wanted_nodes([group(taints=[{"key": "k", "effect": told}])], ZONES)
    assert nodes["l40s-1a2b-0"]["spec"]["taints"] == [{"key": "k", "value": "", "effect": meant}]


def test_a_group_without_taints_has_nodes_without_taints() -> None:
    assert wanted_nodes([group(taints=[])], ZONES)["l40s-1a2b-0"]["spec"]["taints"] == []


@pytest.mark.parametrize(
    "changed", [{"status": "CREATING"}, {"scalingConfig": {"minSize": 0, "maxSize": 1, "desiredSize": 0}}]
)
def test_a_group_that_is_not_active_or_empty_has_no_nodes(changed: dict[str, Any]) -> None:
    assert wanted_nodes([group(**changed)], ZONES) == {}
