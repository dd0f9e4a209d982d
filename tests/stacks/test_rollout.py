import itertools

import pytest

from stacks.rollout import Decision, Nodes, Rollout, Strategy, Tenant, decide, has_room, surge_faults, told

FOUR = Nodes("l40s", 1, 4)


def tenant(endpoint: str, replicas: int = 1, gpus: int = 1, pods: int = 1, **more: object) -> Tenant:
    values: dict[str, object] = {"shares_cache": True, "wanted": None, **more}
    return Tenant(endpoint, replicas, pods, gpus, **values)  # type: ignore[arg-type]  # each test names real fields


def strategies(nodes: Nodes, *tenants: Tenant) -> dict[str, str]:
    return {name: decision.strategy.value for name, decision in decide(nodes, tenants).items()}


@pytest.mark.parametrize(
    ("nodes", "gpus_per_node", "placed", "gpus", "room"),
    [
        (1, 4, [1, 1, 1], 1, True),
        (1, 4, [1, 1, 1, 1], 1, False),
        (1, 4, [2], 2, True),
        (1, 4, [1, 2], 2, False),
        (2, 4, [1, 1], 4, False),  # one pod on each node
        (2, 8, [8], 8, True),
        (3, 8, [8, 1, 1], 8, False),
        (4, 8, [8, 1, 1], 8, True),
        (2, 4, [1, 1], 3, True),  # free: 3 + 3, or 2 + 4
        (2, 4, [1, 1, 1, 1], 3, False),  # free: 2 + 2
        (2, 4, [], 5, False),
    ],
)
def test_room_is_what_no_placement_takes_away(
    nodes: int, gpus_per_node: int, placed: list[int], gpus: int, *, room: bool
) -> None:
    assert has_room(Nodes("p", nodes, gpus_per_node), placed, gpus) is room


def worst_case(nodes: int, gpus_per_node: int, placed: tuple[int, ...], gpus: int) -> bool:
    """Whether every placement leaves a node with that many GPUs."""
    for where in itertools.product(range(nodes), repeat=len(placed)):
        free = [gpus_per_node] * nodes
        for node, size in zip(where, placed, strict=True):
            free[node] -= size
        if min(free) >= 0 and max(free) < gpus:
            return False
    return True


def test_room_is_never_promised_where_one_placement_has_none() -> None:
    for nodes, count, gpus in itertools.product((1, 2, 3), range(5), (1, 2, 3, 4)):
        for placed in itertools.combinations_with_replacement((1, 2, 4), count):
            if has_room(Nodes("p", nodes, 4), placed, gpus):
                assert worst_case(nodes, 4, placed, gpus), (nodes, placed, gpus)


def test_room_that_nobody_knows_is_none() -> None:
    assert not has_room(Nodes("mine", None, None), [], 1)


def test_a_replica_of_several_nodes_drains_whatever_room_there_is() -> None:
    group = tenant("a", gpus=8, pods=2)
    drains = "a group of several nodes ends before its successor starts"
    assert decide(Nodes("h100", 9, 8), [group]) == {"a": Decision(Strategy.DRAIN, drains)}
    asked = tenant("a", gpus=8, pods=2, wanted=Strategy.SURGE)
    assert list(surge_faults(Nodes("mine", None, None), [asked])) == [
        ("a", f"found surge, but {drains}; leave the key out")
    ]


def test_a_pool_sized_to_its_replicas_drains() -> None:
    assert decide(FOUR, [tenant("a", 2), tenant("b", 2)]) == {
        "a": Decision(Strategy.DRAIN, "pool l40s has no room for one more"),
        "b": Decision(Strategy.DRAIN, "pool l40s has no room for one more"),
    }


def test_a_pool_with_room_surges() -> None:
    assert decide(FOUR, [tenant("a", 2)]) == {"a": Decision(Strategy.SURGE, "pool l40s has room for one more")}


def test_room_is_given_once_and_to_single_replicas_first() -> None:
    assert strategies(FOUR, tenant("a", 2), tenant("b", 1)) == {"b": "surge", "a": "drain"}
    assert strategies(FOUR, tenant("a", 1), tenant("b", 1)) == {"a": "surge", "b": "surge"}


def test_a_surge_that_is_asked_for_takes_its_room_before_all_others() -> None:
    here = (tenant("a"), tenant("b", 2, wanted=Strategy.SURGE))
    assert strategies(FOUR, *here) == {"b": "surge", "a": "drain"}


def test_a_cache_for_one_node_drains_where_there_are_more() -> None:
    single = tenant("a", shares_cache=False)
    assert decide(Nodes("l40s", 2, 4), [single]) == {
        "a": Decision(Strategy.DRAIN, "only one node at a time can mount its cache")
    }
    assert strategies(FOUR, single) == {"a": "surge"}


def test_nodes_that_somebody_else_runs_drain_unless_the_file_says_otherwise() -> None:
    mine = Nodes("mine", None, None)
    assert decide(mine, [tenant("a")]) == {
        "a": Decision(Strategy.DRAIN, "how many GPUs pool mine has is not known here")
    }
    assert decide(mine, [tenant("a", wanted=Strategy.SURGE)]) == {
        "a": Decision(Strategy.SURGE, "the stack file says so")
    }


def test_a_surge_without_room_would_wait_for_ever_and_is_a_fault() -> None:
    full = [tenant("a", 4, wanted=Strategy.SURGE), tenant("b", 0, wanted=Strategy.DRAIN)]
    assert list(surge_faults(FOUR, full)) == [
        (
            "a",
            "found surge, but pool l40s has no room for one more replica; add a node to the pool, or leave the key out",
        )
    ]
    assert list(surge_faults(FOUR, [tenant("a", 3, wanted=Strategy.SURGE)])) == []
    assert list(surge_faults(Nodes("mine", None, None), full)) == []


def test_what_a_change_costs_is_said_in_seconds() -> None:
    one = Rollout(Strategy.DRAIN, "pool h100 has no room for one more", 1, 729)
    two = Rollout(Strategy.DRAIN, "the stack file says so", 2, 729)
    surge = Rollout(Strategy.SURGE, "pool l40s has room for one more", 2, 729)
    assert (one.downtime_seconds, two.downtime_seconds, surge.downtime_seconds) == (729, 0, 0)
    assert (one.reduced_seconds, two.reduced_seconds, surge.reduced_seconds) == (729, 1458, 0)
    assert told({"one": one, "two": two, "three": surge}) == (
        "how a change of an endpoint rolls out (seconds are estimates)\n"
        "  one: ends its replica before it starts the new one (pool h100 has no room for one more): down for 729 s\n"
        "  two: ends one replica after the other (the stack file says so): 1 of 2 serve for 1458 s\n"
        "  three: starts a new replica before an old one ends (pool l40s has room for one more): no downtime"
    )
