import pytest

from nim_profiles.instance import UnknownInstanceType
from nim_sandbox.nodes import simulated_node


def test_a_simulated_node_says_its_type_and_leaves_the_rest_to_the_sandbox() -> None:
    assert simulated_node("g6.12xlarge", "gpu-1", "us-east-1a", {"team": "a"}) == {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": "gpu-1",
            "annotations": {"kwok.x-k8s.io/node": "fake"},
            "labels": {
                "kubernetes.io/arch": "amd64",
                "kubernetes.io/hostname": "gpu-1",
                "kubernetes.io/os": "linux",
                "node.kubernetes.io/instance-type": "g6.12xlarge",
                "topology.kubernetes.io/region": "us-east-1",
                "topology.kubernetes.io/zone": "us-east-1a",
                "team": "a",
            },
        },
        "spec": {"taints": [{"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}]},
    }


def test_a_type_that_the_catalogue_lacks_is_refused_by_its_nearest_name() -> None:
    with pytest.raises(UnknownInstanceType, match=r"g6\.12xlarge"):
        simulated_node("g6.12xlarg", "gpu-1", "us-east-1a")


@pytest.mark.parametrize(
    ("zone", "region"), [("us-gov-west-1b", "us-gov-west-1"), ("zone-a", "zone-a"), ("sandbox-c", "sandbox-c")]
)
def test_the_region_is_the_zone_less_its_letter_where_the_zone_is_named_in_awss_way(zone: str, region: str) -> None:
    labels = simulated_node("g6.12xlarge", "gpu-1", zone)["metadata"]["labels"]
    assert labels["topology.kubernetes.io/region"] == region
