"""The cheapest nodes for a stack's endpoints, from its plan."""

from decimal import Decimal
from typing import Any

from nim_profiles.placement import Placement
from stacks.cheapest import cheapest
from stacks.cost import cost_of
from stacks.plan import Plan
from stacks.planning import make_plan
from tests.stacks.samples import BF16, FILE, LOCK, LOCK_FOLDER, SHAPELESS, TP8, raw


def plan(content: dict[str, Any], lock: Any = LOCK) -> Plan:
    return make_plan(content, lock, LOCK_FOLDER, stack="test", file=FILE)


def nodes(found: Placement) -> dict[str, int]:
    return dict(found.node_counts)


def test_a_small_endpoint_wants_a_smaller_node_than_its_pool_has() -> None:
    content = plan(raw(settings={"max_model_len": 32768}))
    found = cheapest(content)
    assert found.usd_per_hour < cost_of(content).usd_per_hour
    (group,) = found.nodes
    assert group.offering.instance_type.gpu.compute_capability >= (8, 9), "fp8"


def test_the_whole_context_needs_a_larger_gpu_than_a_part_of_it() -> None:
    part, whole = (cheapest(plan(raw(profile=BF16, settings={"max_model_len": n}))) for n in (8192, 131072))
    assert part.usd_per_hour < whole.usd_per_hour
    assert min(g.offering.instance_type.gpu.memory_bytes for g in whole.nodes) > 32 * 2**30


def test_without_an_estimate_nvidias_floor_counts() -> None:
    found = cheapest(plan(raw(profile=TP8, pool="l40s") | {"pools": POOL_OF_8}, SHAPELESS))
    assert [group.offering.instance_type.gpu_count for group in found.nodes] == [8]


POOL_OF_8 = {"l40s": {"back_end": "simulated", "instance_type": "g6e.48xlarge"}}


def test_nodes_that_are_there_are_not_bought() -> None:
    content = raw()
    content["pools"]["l40s"] = {"back_end": "existing", "gpu": "NVIDIA-L40S"}
    found = cheapest(plan(content))
    assert (nodes(found), found.usd_per_hour) == ({}, Decimal(0))


def test_the_region_and_zones_are_those_of_the_pools() -> None:
    content = raw()
    content["eks"] = {"cluster": "one", "region": "us-west-2", "subnets": {"subnet-0aaaaaaaaaaaaaaaa": "usw2-az3"}}
    content["pools"]["l40s"] = {"back_end": "eks", "instance_type": "g6e.12xlarge"}
    (group,) = cheapest(plan(content)).nodes
    assert (group.offering.region, group.zones) == ("us-west-2", ("usw2-az3",))
