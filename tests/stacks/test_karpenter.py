import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from nim_policy import Planned
from pulumi_nim.cache_size import AccessMode
from pulumi_nim.karpenter.nodes import Budget, KarpenterNodes, Market
from stacks.cost import cost_of
from stacks.deploy import deploy
from stacks.eks import region
from stacks.faults import BadStackFile
from stacks.karpenter import uses_karpenter
from stacks.plan import Plan
from stacks.planning import make_plan
from stacks.policing import facts_of, judged
from tests.recording import record
from tests.stacks.samples import FILE, LOCK, TP8, raw

EKS: dict[str, Any] = {
    "cluster": "nim",
    "region": "us-east-1",
    "subnets": {"subnet-000000000000000a": "use1-az2", "subnet-000000000000000b": "use1-az6"},
    "security_groups": ["sg-000000000000000a"],
    "karpenter_role": "KarpenterNodeRole-nim",
}
POOL = {"back_end": "karpenter", "gpu": "NVIDIA-L40S", "max_gpus": 8, "image": "al2023@v20260714"}


def content(eks: dict[str, Any] | None = None, **pool: Any) -> dict[str, Any]:
    made = raw()
    made["pools"] = {"l40s": {**POOL, **pool}}
    made["eks"] = {**EKS, **(eks or {})}
    return made


def plan(wanted: dict[str, Any]) -> Plan:
    return make_plan(wanted, LOCK, Path(), stack="test", file=FILE)


def planned(wanted: dict[str, Any]) -> KarpenterNodes:
    pool = plan(wanted).pools["l40s"]
    assert isinstance(pool, KarpenterNodes)
    return pool


def faults(wanted: dict[str, Any]) -> list[str]:
    with pytest.raises(BadStackFile) as refused:
        plan(wanted)
    return str(refused.value).splitlines()


def test_a_pool_says_what_karpenter_may_start() -> None:
    nodes = planned(
        content(
            instance_types=["g6e.xlarge"],
            capacity_types=["spot", "on-demand"],
            subnets=["subnet-000000000000000b"],
            budgets=[{"nodes": "0", "schedule": "0 8 * * *", "duration": "12h"}],
        )
    )
    assert [kind.name for kind in nodes.allowed] == ["g6e.xlarge"]
    assert nodes.markets == (Market.SPOT, Market.ON_DEMAND)
    assert nodes.subnets == {"subnet-000000000000000b": "use1-az6"}
    assert nodes.budgets == (Budget("0", "0 8 * * *", "12h"),)
    assert (nodes.gpu.short_name, nodes.gpu_limit, nodes.role) == ("L40S", 8, "KarpenterNodeRole-nim")


def test_only_a_sandbox_has_nodes_without_machines() -> None:
    real = content()
    real["cluster"] = {"context": "mine"}
    assert planned(content()).simulated
    assert not planned(real).simulated


def test_karpenter_makes_nothing_in_aws_that_the_engine_would() -> None:
    pools = plan(content()).pools
    assert region(pools) is None
    assert uses_karpenter(pools)


def test_what_would_be_refused_is_told_in_the_words_of_the_stack_file() -> None:
    wrong = content(
        {"karpenter_role": "arn:aws:iam::1:role/x", "tags": {"karpenter.sh/nodepool": "x"}, "security_groups": []},
        image="al2023@latest",
        capacity_types=["reserved"],
        max_gpus=1,
        instance_types=["g6e.12xlarge"],
    )
    keys = [re.match(r"\S+ (\S+):", line) for line in faults(wrong)]
    assert [key.group(1) for key in keys if key] == [
        "nim:eks.karpenter_role",
        "nim:pools.l40s.image",
        "nim:pools.l40s.max_gpus",
        "nim:pools.l40s.capacity_reservations",
        "nim:eks.security_groups",
        "nim:eks.tags",
    ]


def test_a_pool_of_karpenters_needs_the_cluster_and_the_role_of_its_nodes() -> None:
    without_cluster = content()
    del without_cluster["eks"]
    without_role = content()
    del without_role["eks"]["karpenter_role"]
    assert faults(without_cluster)[0].startswith(f"{FILE}: nim:eks: is missing, and pool l40s is to be made on EKS")
    assert faults(without_role) == [
        f"{FILE}: nim:eks.karpenter_role: is missing; name the IAM role of the nodes that Karpenter starts"
    ]


def test_a_replica_fits_the_largest_node_that_may_come() -> None:
    wanted = content(instance_types=["g6e.xlarge", "g6e.12xlarge"])
    wanted["endpoints"]["llama"]["profile"] = TP8
    (line,) = faults(wanted)
    assert "nim:endpoints.llama.pool: found nodes of g6e.12xlarge with 4 GPUs each" in line
    assert plan({**wanted, "pools": content()["pools"]}).endpoints[0].profile.gpu_count == 8


def test_a_limit_below_the_endpoints_wants_is_refused() -> None:
    wanted = content(max_gpus=2)
    wanted["endpoints"]["llama"]["replicas"] = 3
    assert faults(wanted) == [
        f"{FILE}: nim:pools.l40s: has 2 of the 3 GPUs that its endpoints want (llama 3 x 1); "
        "write max_gpus: 3, or fewer replicas"
    ]


def test_replicas_may_lie_on_several_nodes_and_so_share_their_cache() -> None:
    wanted = content()
    wanted["endpoints"]["llama"]["replicas"] = 2
    (endpoint,) = plan(wanted).endpoints
    assert endpoint.access_mode is AccessMode.MANY_NODES


def test_the_bill_assumes_the_cheapest_type_that_holds_all_replicas() -> None:
    wanted = content()
    wanted["endpoints"]["llama"]["replicas"] = 2
    (cost,) = cost_of(plan(wanted)).pools
    assert (cost.nodes, cost.instance_type) == (2, "g6e.xlarge")
    assert cost.note is not None
    assert cost.note.startswith("Karpenter decides, among g6e.12xlarge, ")


def test_the_bill_takes_no_type_that_is_too_small_for_a_replica() -> None:
    wanted = content()
    wanted["endpoints"]["llama"]["profile"] = TP8
    (cost,) = cost_of(plan(wanted)).pools
    assert (cost.nodes, cost.instance_type) == (1, "g6e.48xlarge")


@pytest.mark.parametrize(("types", "spot"), [(["spot"], True), (["spot", "on-demand"], False), (["on-demand"], False)])
def test_nodes_that_may_fall_back_to_on_demand_are_not_on_spot_alone(types: list[str], *, spot: bool) -> None:
    assert facts_of(plan(content(capacity_types=types))).endpoints["llama"].spot is spot


def test_the_whole_program_keeps_every_rule_of_the_policy() -> None:
    wanted = plan(content())
    made = record(lambda: deploy(wanted)).resources
    resources = [Planned(f"urn:pulumi:test::nim::{one.type}::{one.name}", one.type, one.inputs) for one in made]
    assert [str(result) for result in judged(wanted, resources, date(2026, 11, 26))] == []
