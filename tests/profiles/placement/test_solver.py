from decimal import Decimal

import pytest

from nim_profiles.placement.objections import Pods, Resources
from nim_profiles.placement.reduction import reduced
from nim_profiles.placement.solver import Demand, NodeKind, Nodes, solve, tie_broken

NODE: Resources = (8, 100, 100, 100)


def kind(name: str, usd: str, node: Resources = NODE, limit: int | None = None, zone: str = "") -> NodeKind:
    return NodeKind(name, Decimal(usd), node, limit, zone)


def one(*need: int) -> Demand:
    gpus, cpu, memory, nvme = need
    return Demand(1, {0: Pods(1, (gpus, cpu, memory, nvme))})


def node_count(chosen: tuple[Nodes, ...] | None) -> int:
    assert chosen is not None
    return sum(len(nodes.held) for nodes in chosen)


def test_what_only_whole_nodes_show_is_found_out_too() -> None:
    # Any two of the first three share a node, and any two of the last three, but no three, and none of the one with
    # one of the other. Half nodes would make it three (six halves), resources in sum also; it takes four.
    first = [one(1, 60, 40, 40), one(1, 40, 60, 40), one(1, 40, 40, 60)]
    last = [one(1, 45, 45, 45)] * 3
    assert node_count(solve([*first, *last], [kind("a", "1")])) == 4


@pytest.mark.parametrize(("stages", "nodes"), [(2, 2), (5, 5)])
def test_a_replica_of_so_many_stages_takes_so_many_nodes(stages: int, nodes: int) -> None:
    demand = Demand(1, {0: Pods(stages, (1, 0, 0, 0))})
    assert node_count(solve([demand], [kind("a", "1")])) == nodes


def test_a_limit_that_is_too_low_leaves_no_answer() -> None:
    demand = Demand(3, {0: Pods(1, (8, 0, 0, 0))})
    assert solve([demand], [kind("a", "1", limit=2)]) is None


def test_above_the_cost_allowed_there_is_no_answer() -> None:
    assert solve([one(8, 0, 0, 0)], [kind("a", "1.000001")], at_most_usd=Decimal(1)) is None
    assert solve([one(8, 0, 0, 0)], [kind("a", "1.000001")], at_most_usd=Decimal("1.000001")) is not None


def test_a_tie_is_broken_by_the_number_of_nodes_then_by_name() -> None:
    kinds = [kind("big", "2"), kind("small", "1", (4, 50, 50, 50)), kind("also-big", "2")]
    demand = Demand(2, {index: Pods(1, (4, 0, 0, 0)) for index in range(3)})
    chosen = solve([demand], kinds)
    assert chosen is not None
    assert [(kinds[n.kind].name, len(n.held)) for n in tie_broken(chosen, [demand], kinds)] == [("also-big", 1)]


def test_of_nodes_that_a_pod_fills_alone_only_the_cheapest_is_kept() -> None:
    kinds = [kind("dear", "2", (1, 9, 9, 9)), kind("cheap", "1", (1, 9, 9, 9)), kind("limited", "3", (1, 9, 9, 9), 1)]
    demand = Demand(1, {index: Pods(1, (1, 0, 0, 0)) for index in range(3)})
    assert set(reduced([demand], kinds)[0].pods) == {1, 2}


def test_a_node_kind_that_is_dearer_and_no_larger_is_left_out_but_not_if_it_has_what_others_lack() -> None:
    kinds = [kind("dear", "2", (4, 200, 100, 100)), kind("cheap", "1", (4, 100, 100, 100))]
    light = Demand(1, {index: Pods(1, (1, 25, 0, 0)) for index in range(2)})
    heavy = Demand(1, {index: Pods(1, (1, 26, 0, 0)) for index in range(2)})
    assert set(reduced([light], kinds)[0].pods) == {1}
    assert set(reduced([light, heavy], kinds)[0].pods) == {0, 1}


def test_needs_that_cannot_run_out_before_the_gpus_do_not_tell_demands_apart() -> None:
    kinds = [kind("a", "1", (4, 100, 100, 100))]
    small = reduced([one(1, 25, 0, 0), one(1, 5, 0, 0)], kinds)
    assert small[0] == small[1]
