import pytest

from nim_profiles.instance import instance_type
from pulumi_nim.karpenter.nodes import KarpenterNodes
from tests.components.karpenter.samples import SUBNET_A, nodes


def test_without_a_list_every_type_with_that_gpu_may_come() -> None:
    assert [kind.name for kind in nodes().allowed] == [
        "g6e.12xlarge",
        "g6e.16xlarge",
        "g6e.24xlarge",
        "g6e.2xlarge",
        "g6e.48xlarge",
        "g6e.4xlarge",
        "g6e.8xlarge",
        "g6e.xlarge",
    ]


def test_a_list_is_taken_as_it_is_in_the_order_of_names() -> None:
    named = nodes(instance_types=(instance_type("g6e.xlarge"), instance_type("g6e.12xlarge")))
    assert [kind.name for kind in named.allowed] == ["g6e.12xlarge", "g6e.xlarge"]


def test_only_types_of_the_zones_named_may_come() -> None:
    assert [kind.name for kind in nodes("NVIDIA-B200", subnets={SUBNET_A: "use1-az6"}).allowed] == ["p6-b200.48xlarge"]
    assert nodes("NVIDIA-B200", subnets={SUBNET_A: "use1-az2"}).allowed == ()


@pytest.mark.parametrize(
    ("wanted", "kind", "why"),
    [
        (nodes(), "p5.48xlarge", "has H100, not L40S"),
        (nodes("NVIDIA-T4G"), "g5g.16xlarge", "is arm64, for which no NIM image is known"),
        (nodes(region="eu-west-3"), "g6e.xlarge", "is not offered in eu-west-3"),
        (nodes(efa=True), "g6e.xlarge", "has no EFA"),
        (nodes(gpu=instance_type("g7.12xlarge").gpu, subnets={}), "g7.12xlarge", "has no AL2023 image with its driver"),
    ],
)
def test_an_objection_says_why_no_such_node_would_come(wanted: KarpenterNodes, kind: str, why: str) -> None:
    found = wanted.objection(instance_type(kind))
    assert found is not None
    assert found.endswith(why)


def test_bottlerocket_brings_the_device_plugin_along() -> None:
    assert nodes().needs_device_plugin
    assert not nodes(image="bottlerocket@v1.50.0").needs_device_plugin
    assert not nodes(device_plugin=False).needs_device_plugin
