from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from nim_profiles.placement.packing import Load, pack, prices_of_pods

NODE = (8, 10, 10, 0)
LOADS = st.lists(
    st.builds(
        lambda gpus, cpu, memory, count, apart: Load((gpus, cpu, memory, 0), count, min(count, apart)),
        st.integers(1, 8),
        st.integers(0, 10),
        st.integers(0, 10),
        st.integers(1, 3),
        st.integers(1, 3),
    ),
    min_size=1,
    max_size=3,
)


def fits_by_trying_all(loads: list[Load], node_count: int) -> bool:
    pods = [(index, load.need) for index, load in enumerate(loads) for _ in range(load.count)]
    for places in product(range(node_count), repeat=len(pods)):
        here = [[pod for pod, place in zip(pods, places, strict=True) if place == node] for node in range(node_count)]
        if all(
            all(sum(need[d] for _, need in held) <= NODE[d] for d in range(4))
            and all(sum(i == index for i, _ in held) <= load.per_node_at_most for index, load in enumerate(loads))
            for held in here
        ):
            return True
    return False


@given(LOADS.filter(lambda loads: sum(load.count for load in loads) <= 6), st.integers(1, 3))
@settings(max_examples=200, deadline=None)
def test_pods_are_packed_exactly_where_trying_all_ways_finds_one(loads: list[Load], node_count: int) -> None:
    packed = pack(NODE, loads, node_count)
    assert (packed is not None) == fits_by_trying_all(loads, node_count)
    if packed is not None:
        assert [sum(pods) for pods in zip(*packed, strict=True)] == [load.count for load in loads]
        for node in packed:
            assert all(sum(n * load.need[d] for n, load in zip(node, loads, strict=True)) <= NODE[d] for d in range(4))


@given(LOADS)
@settings(max_examples=100, deadline=None)
def test_prices_never_ask_for_more_nodes_than_are_needed(loads: list[Load]) -> None:
    loose = [Load(load.need, load.count, load.count) for load in loads]
    bound, prices = prices_of_pods(NODE, loose)
    assert abs(bound - sum(price * load.count for price, load in zip(prices, loads, strict=True))) < 1e-6
    assert pack(NODE, loose, sum(load.count for load in loads)) is not None
    fewest = next(n for n in range(1, 10) if pack(NODE, loose, n) is not None)
    assert bound <= fewest + 1e-6
