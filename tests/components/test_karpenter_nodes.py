import pytest

from pulumi_nim import GpuNodePool, GpuNodePoolArgs, KarpenterNodes
from pulumi_nim.karpenter_nodes import BadKarpenterNodes
from tests.components.karpenter.samples import nodes
from tests.recording import Recording, record

EC2_NODE_CLASS = "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"
NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool"


def pool(wanted: KarpenterNodes) -> Recording:
    return record(lambda: GpuNodePool("l40s", GpuNodePoolArgs(back_end=wanted)))


@pytest.fixture(scope="module")
def made() -> Recording:
    return pool(nodes())


def test_urns_of_a_pool_of_karpenters_are_a_promise(made: Recording) -> None:
    assert sorted(f"{one.type} {one.name}" for one in made.resources) == [
        "kubernetes:apps/v1:DaemonSet nvidia-device-plugin-l40s",
        "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass l40s-node-class",
        "kubernetes:karpenter.sh/v1:NodePool l40s-node-pool",
        "nim:compute:GpuNodePool l40s",
    ]


def test_in_a_sandbox_the_nodes_have_no_machines() -> None:
    types = {one.type for one in pool(nodes(simulated=True)).resources}
    assert "kubernetes:karpenter.kwok.sh/v1alpha1:KWOKNodeClass" in types
    assert EC2_NODE_CLASS not in types


def test_a_pool_comes_after_its_class_and_so_goes_before_it(made: Recording) -> None:
    assert f"{EC2_NODE_CLASS} l40s-node-class" in made.one(NODE_POOL).depends_on


def test_both_are_awaited_until_karpenter_has_found_what_they_name(made: Recording) -> None:
    for one in (made.one(EC2_NODE_CLASS), made.one(NODE_POOL)):
        assert one.inputs["metadata"]["annotations"] == {"pulumi.com/waitFor": "condition=Ready"}
        assert one.create_timeout == "5m"


def test_pods_select_the_pool_and_the_gpu_whatever_type_karpenter_chooses(made: Recording) -> None:
    selectors = []
    record(lambda: selectors.append(GpuNodePool("l40s", GpuNodePoolArgs(back_end=nodes())).node_selector))
    labels = made.one(NODE_POOL).inputs["spec"]["template"]["metadata"]["labels"]
    assert selectors == [labels] == [{"pulumi-nim/gpu": "NVIDIA-L40S", "pulumi-nim/pool": "l40s"}]


def test_nothing_is_made_in_aws(made: Recording) -> None:
    assert [one for one in made.resources if one.type.startswith("aws:")] == []


def test_what_would_be_refused_registers_nothing_and_names_every_reason() -> None:
    with pytest.raises(BadKarpenterNodes) as refused:
        pool(nodes(role="", image="al2023@latest"))
    assert [line.split()[:3] for line in str(refused.value).splitlines()] == [
        ["pool", "l40s:", "role"],
        ["pool", "l40s:", "image"],
    ]
