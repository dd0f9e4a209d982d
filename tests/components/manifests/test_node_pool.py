import pytest

from pulumi_nim.karpenter.nodes import Budget, KarpenterNodes, Market
from pulumi_nim.manifests.ec2_node_class import ec2_node_class
from pulumi_nim.manifests.kwok_node_class import kwok_node_class
from pulumi_nim.manifests.node_pool import node_pool
from tests.components.karpenter.samples import complaints, nodes
from tests.components.karpenter.test_rules import TAKEN


def spec(wanted: KarpenterNodes) -> dict[str, object]:
    return dict(node_pool("l40s", wanted, ec2_node_class("l40s", wanted))["spec"])


@pytest.mark.parametrize("wanted", TAKEN.values(), ids=TAKEN)
def test_karpenters_own_schema_takes_it(wanted: KarpenterNodes) -> None:
    made = node_pool("l40s", wanted, ec2_node_class("l40s", wanted))
    assert complaints(made, "karpenter.sh_nodepools.yaml") == []


def test_the_schema_would_notice_a_mistake() -> None:
    wrong = node_pool("l40s", nodes(budgets=(Budget("all"),)), kwok_node_class("l40s"))
    wrong["spec"]["limit"] = {}
    places = [line.partition(":")[0] for line in complaints(wrong, "karpenter.sh_nodepools.yaml")]
    assert sorted(places) == ["$.spec", "$.spec.disruption.budgets[0].nodes"]


def test_nodes_are_of_the_types_markets_and_zones_that_are_allowed() -> None:
    template = node_pool("l40s", nodes(markets=(Market.SPOT, Market.ON_DEMAND)), kwok_node_class("l40s"))
    requirements = template["spec"]["template"]["spec"]["requirements"]
    assert {one["key"]: one["values"] for one in requirements} == {
        "node.kubernetes.io/instance-type": [kind.name for kind in nodes().allowed],
        "karpenter.sh/capacity-type": ["on-demand", "spot"],
        "topology.k8s.aws/zone-id": ["use1-az2", "use1-az6"],
    }
    assert {one["operator"] for one in requirements} == {"In"}


def test_subnets_found_by_tags_leave_the_zones_to_aws() -> None:
    found = nodes(subnets={}, discovery_tags={"karpenter.sh/discovery": "nim"})
    template = node_pool("l40s", found, kwok_node_class("l40s"))["spec"]["template"]
    assert "topology.k8s.aws/zone-id" not in str(template)


def test_nodes_have_from_birth_what_pods_select_and_tolerate() -> None:
    template = node_pool("l40s", nodes(), kwok_node_class("l40s"))["spec"]["template"]
    assert template["metadata"]["labels"] == {"pulumi-nim/pool": "l40s", "pulumi-nim/gpu": "NVIDIA-L40S"}
    assert template["spec"]["taints"] == [{"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}]


def test_models_are_not_moved_to_save_money_and_nodes_do_not_grow_old() -> None:
    made = spec(nodes())
    assert made["disruption"] == {
        "consolidationPolicy": "WhenEmpty",
        "consolidateAfter": "10m",
        "budgets": [{"nodes": "1"}],
    }
    assert "'expireAfter': 'Never'" in str(made["template"])


def test_gpus_are_limited() -> None:
    assert spec(nodes(gpu_limit=8))["limits"] == {"nvidia.com/gpu": "8"}


def test_a_budget_with_a_schedule_says_for_how_long() -> None:
    disruption = spec(nodes(budgets=(Budget("0", "0 8 * * mon-fri", "12h"),)))["disruption"]
    assert isinstance(disruption, dict)
    assert disruption["budgets"] == [{"nodes": "0", "schedule": "0 8 * * mon-fri", "duration": "12h"}]


def test_a_pool_says_where_its_instances_are_described() -> None:
    aws = node_pool("l40s", nodes(), ec2_node_class("l40s", nodes()))["spec"]["template"]["spec"]["nodeClassRef"]
    sandbox = node_pool("l40s", nodes(), kwok_node_class("l40s"))["spec"]["template"]["spec"]["nodeClassRef"]
    assert aws == {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "l40s"}
    assert sandbox == {"group": "karpenter.kwok.sh", "kind": "KWOKNodeClass", "name": "l40s"}
