import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nim_profiles.instance import catalogue
from nim_profiles.placement import (
    BadRequirement,
    CapacityType,
    Constraints,
    Engine,
    Held,
    Offering,
    Placement,
    Requirement,
    Unplaceable,
    catalogue_offerings,
    place,
    runner_up_text,
)
from nim_profiles.units import GB, GIB
from tests.profiles.placement.samples import need, offer

EVERYTHING = catalogue_offerings()


def counts(placement: Placement) -> dict[str, int]:
    return dict(placement.node_counts)


def test_8b_in_fp8_takes_the_cheapest_single_gpu_of_compute_capability_8_9_that_fits() -> None:
    cheapest = min(
        (row.usd_per_hour, name)
        for name, row in catalogue().items()
        if row.usd_per_hour is not None and row.gpu.compute_capability >= (8, 9) and row.gpu.memory_bytes >= 14 * GIB
    )
    assert counts(place([need(precision="fp8", gib=14)], EVERYTHING)) == {cheapest[1]: 1} == {"g6.xlarge": 1}


def test_70b_in_fp8_over_four_gpus_takes_what_the_prices_say_and_says_what_else_there_was() -> None:
    placement = place([need(precision="fp8", gib=25, tensor_parallel=4)], EVERYTHING)
    assert counts(placement) == {"g6e.12xlarge": 1}
    assert runner_up_text(placement) == "without g6e.12xlarge: 1 x g6e.24xlarge for $15.06559/h, $4.57295/h more"
    assert placement.notes == ("llm: g6e.12xlarge has no NVLink, tensor parallel 4 uses PCIe",)


def test_405b_in_bf16_over_two_nodes_takes_two_nodes_of_8_gpus_with_efa() -> None:
    placement = place([need(gib=70, tensor_parallel=8, pipeline_parallel=2)], EVERYTHING)
    (group,) = placement.nodes
    assert (group.count, group.offering.instance_type.gpu_count) == (2, 8)
    assert group.offering.instance_type.efa_interfaces
    assert group.holds == (Held("llm", 1, 8, stages_per_replica=2),)


@pytest.mark.parametrize("custom_image", [False, True])
def test_nvfp4_takes_only_blackwell(*, custom_image: bool) -> None:
    constraints = Constraints(custom_image=custom_image)
    placement = place([need(precision="nvfp4", gib=20)], EVERYTHING, constraints)
    assert counts(placement) == {"g7.2xlarge" if custom_image else "g7e.2xlarge": 1}
    others = {name for name, row in catalogue().items() if "Blackwell" not in row.gpu.architecture}
    assert others <= placement.refusals.keys()


def test_an_impossible_wish_is_refused_with_every_type_listed_and_all_it_lacks() -> None:
    with pytest.raises(Unplaceable) as refused:
        place([need(precision="nvfp4", gib=2000)], EVERYTHING)
    assert len(refused.value.reasons) == 69
    assert refused.value.reasons["p5e.48xlarge"] == (
        "is not offered in us-east-1",
        "has compute capability 9.0 (H200), nvfp4 needs 10.0",
        "has 140.4 GiB a GPU (H200), short by 1859.6 GiB",
    )
    text = str(refused.value)
    assert text.startswith("no instance type holds llm. Every type and what it lacks:\n  g4dn.{12xlarge,")
    assert "\n  p6-b300.48xlarge: has 268.6 GiB a GPU (B300), short by 1731.4 GiB\n" in text


def test_fp8_on_an_a100_is_refused_for_a_nim_and_noted_for_vllm() -> None:
    only_a100 = Constraints(allow=("p4d",))
    with pytest.raises(Unplaceable, match=r"p4d\.24xlarge: has compute capability 8\.0 .* engine vllm would run it"):
        place([need(precision="fp8")], EVERYTHING, only_a100)
    placement = place([need(precision="fp8", engine=Engine.VLLM)], EVERYTHING, only_a100)
    assert "weight-only kernels" in placement.notes[0]


def test_endpoints_share_a_node_by_whole_gpus() -> None:
    placement = place([need("a", tensor_parallel=2), need("b", replicas=2)], [offer("g6.12xlarge")])
    (group,) = placement.nodes
    assert (group.count, group.idle_gpus_per_node) == (1, 0)
    assert group.holds == (Held("a", 1, 2), Held("b", 2, 1))


def test_the_whole_is_cheaper_than_the_cheapest_parts() -> None:
    # Alone, b would take g6.xlarge at $0.80; beside a, which leaves a GPU idle anyway, it costs nothing.
    placement = place([need("a", tensor_parallel=3), need("b")], [offer("g6.12xlarge"), offer("g6.xlarge")])
    assert counts(placement) == {"g6.12xlarge": 1}


def test_room_for_a_rollout_is_paid_for() -> None:
    assert counts(place([need(replicas=2, max_surge=1)], [offer("g6.xlarge")])) == {"g6.xlarge": 3}


def test_pods_that_need_much_of_the_host_leave_gpus_idle() -> None:
    heavy = need(replicas=4, memory_bytes_per_pod=100 * GIB)
    placement = place([heavy], [offer("g6.12xlarge")])
    assert counts(placement) == {"g6.12xlarge": 4}
    assert {group.idle_gpus_per_node for group in placement.nodes} == {3}


def test_light_and_heavy_pods_share_what_they_would_not_alone() -> None:
    heavy = need("heavy", replicas=2, memory_bytes_per_pod=140 * GIB)
    light = need("light", replicas=6, memory_bytes_per_pod=15 * GIB)
    assert counts(place([heavy, light], [offer("g6.12xlarge")])) == {"g6.12xlarge": 2}


def test_what_fits_in_sum_but_on_no_node_takes_one_node_more() -> None:
    odd = need(replicas=3, memory_bytes_per_pod=110 * GIB, nvme_bytes_per_pod=10 * GB)
    assert counts(place([odd], [offer("g6.12xlarge")])) == {"g6.12xlarge": 3}
    crossed = [
        need("a", memory_bytes_per_pod=130 * GIB, cpu_millicores_per_pod=4000),
        need("b", memory_bytes_per_pod=60 * GIB, cpu_millicores_per_pod=30000),
        need("c", memory_bytes_per_pod=20 * GIB, cpu_millicores_per_pod=40000),
        need("d", memory_bytes_per_pod=120 * GIB, cpu_millicores_per_pod=20000),
    ]
    assert counts(place(crossed, [offer("g6.12xlarge")])) == {"g6.12xlarge": 3}


def test_stages_of_a_replica_stand_on_different_nodes_and_two_replicas_may_share_them() -> None:
    placement = place([need(tensor_parallel=4, pipeline_parallel=3, replicas=2)], [offer("g6.48xlarge")])
    assert counts(placement) == {"g6.48xlarge": 3}
    assert [group.holds for group in placement.nodes] == [(Held("llm", 2, 4, stages_per_replica=3),)]
    alone = place([need(tensor_parallel=4, pipeline_parallel=3)], [offer("g6.48xlarge")])
    assert counts(alone) == {"g6.48xlarge": 3}


def test_a_replica_spans_nodes_only_with_efa() -> None:
    with pytest.raises(Unplaceable, match="has 1 GPU a node and no EFA, a replica of 2 would span nodes"):
        place([need(pipeline_parallel=2)], [offer("g6.xlarge")])
    assert counts(place([need(pipeline_parallel=2)], [offer("g6.8xlarge")])) == {"g6.8xlarge": 2}


def test_a_node_that_holds_both_stages_needs_no_second_one() -> None:
    placement = place([need(tensor_parallel=2, pipeline_parallel=2)], [offer("g6.12xlarge")])
    assert placement.nodes[0].holds == (Held("llm", 1, 4),)


def test_replicas_are_spread_over_zones_even_if_one_is_dearer() -> None:
    offers = [offer("g6.xlarge", "1", "z1"), offer("g6.xlarge", "3", "z2"), offer("g6.xlarge", "2", "z3")]
    placement = place([need(replicas=3)], offers, Constraints(spread_zones=2))
    assert {group.zones: group.count for group in placement.nodes} == {("z1",): 2, ("z3",): 1}
    with pytest.raises(Unplaceable, match="not offered in as many nodes or zones"):
        place([need(replicas=3)], offers[:1], Constraints(spread_zones=2))


def test_zones_that_cost_the_same_are_left_open() -> None:
    placement = place([need()], [offer("g6.xlarge", zone="z2"), offer("g6.xlarge", zone="z1")])
    assert placement.nodes[0].zones == ("z1", "z2")


def test_a_reservation_is_used_up_before_dearer_nodes() -> None:
    booked = offer("g6.xlarge", "0", capacity_type=CapacityType.RESERVATION, reservation_id="cr-1", node_limit=2)
    both = (CapacityType.ON_DEMAND, CapacityType.RESERVATION)
    placement = place([need(replicas=3)], [booked, offer("g6.xlarge")], Constraints(capacity_types=both))
    assert {group.offering.reservation_id: group.count for group in placement.nodes} == {None: 1, "cr-1": 2}
    others = Constraints(capacity_types=both, reservation_ids=("cr-2",))
    assert place([need(replicas=3)], [booked, offer("g6.xlarge")], others).nodes[0].count == 3


def test_a_ceiling_below_the_cheapest_set_is_refused_with_every_type() -> None:
    with pytest.raises(Unplaceable) as refused:
        place([need(replicas=2)], EVERYTHING, Constraints(usd_per_hour_ceiling=Decimal("1.60")))
    assert refused.value.why == "the cheapest nodes cost $1.6096/h, the ceiling is $1.60/h"
    assert len(refused.value.reasons) == 69
    assert refused.value.reasons["g6.xlarge"] == ("fits, but everything with it is above the ceiling",)


def test_a_tie_goes_to_fewer_nodes_and_then_to_the_name() -> None:
    placement = place([need(gib=70, precision="fp8", replicas=8)], [offer("p5.48xlarge"), offer("p5.4xlarge")])
    assert counts(placement) == {"p5.48xlarge": 1}
    assert placement.runner_up is not None
    assert runner_up_text(placement).endswith("$55.04/h, as cheap, and lost the tie")
    assert counts(place([need()], [offer("g6.2xlarge", "1"), offer("g6.xlarge", "1"), offer("g6e.xlarge", "1")])) == {
        "g6.2xlarge": 1
    }


def test_reasons_of_one_endpoint_of_several_name_it() -> None:
    placement = place([need("small"), need("large", gib=40)], [offer("g6.xlarge"), offer("g6e.xlarge")])
    assert placement.refusals == {"g6.xlarge": ("has 22.4 GiB a GPU (L4), short by 17.6 GiB (for large)",)}


def test_money_is_exact_and_dated() -> None:
    placement = place([need(precision="fp8", replicas=3)], EVERYTHING)
    assert (placement.usd_per_hour, placement.usd_per_month) == (Decimal("2.4144"), Decimal("1762.5120"))
    assert placement.price_dates == ("2026-07-20",)


def test_two_endpoints_of_one_name_are_refused() -> None:
    with pytest.raises(BadRequirement, match="more than one requirement is named llm"):
        place([need(), need(gib=3)], EVERYTHING)


def test_nothing_wanted_costs_nothing() -> None:
    assert place([need(replicas=0)], EVERYTHING).nodes == ()


NAMES = (
    "g4dn.12xlarge",
    "g5.xlarge",
    "g6.xlarge",
    "g6.8xlarge",
    "g6.12xlarge",
    "g6e.xlarge",
    "g6e.12xlarge",
    "p4d.24xlarge",
)
OFFERS = st.lists(
    st.builds(lambda name, cents: offer(name, str(Decimal(cents) / 100)), st.sampled_from(NAMES), st.integers(1, 900)),
    min_size=1,
    max_size=5,
    unique_by=lambda each: each.instance_type.name,
)
NEEDS = st.lists(
    st.builds(
        lambda **fields: fields,
        gib=st.sampled_from((5, 14, 20, 38)),
        precision=st.sampled_from(("fp16", "bf16", "fp8")),
        replicas=st.integers(1, 4),
        tensor_parallel=st.sampled_from((1, 2, 4)),
        pipeline_parallel=st.sampled_from((1, 1, 2)),
        cpu_millicores_per_pod=st.sampled_from((0, 3000, 17000)),
        memory_bytes_per_pod=st.sampled_from((0, 12 * GIB, 70 * GIB)),
    ),
    min_size=1,
    max_size=3,
).map(lambda rows: [need(f"e{number}", **row) for number, row in enumerate(rows)])


def cost(needs: list[Requirement], offers: list[Offering], ceiling: Decimal | None = None) -> Decimal | None:
    try:
        return place(needs, offers, Constraints(usd_per_hour_ceiling=ceiling)).usd_per_hour
    except Unplaceable:
        return None


def answer(needs: list[Requirement], offers: list[Offering]) -> Placement | str:
    try:
        return place(needs, offers)
    except Unplaceable as refusal:
        return str(refusal)


@given(NEEDS, OFFERS, st.randoms())
@settings(max_examples=100, deadline=None)
def test_the_order_of_needs_and_offers_never_matters(
    needs: list[Requirement], offers: list[Offering], rng: random.Random
) -> None:
    mixed = answer(rng.sample(needs, len(needs)), rng.sample(offers, len(offers)))
    assert mixed == answer(needs, offers)


@given(NEEDS, OFFERS, OFFERS)
@settings(max_examples=100, deadline=None)
def test_another_offer_never_raises_the_price(
    needs: list[Requirement], offers: list[Offering], others: list[Offering]
) -> None:
    before, after = cost(needs, offers), cost(needs, [*offers, *others])
    assert before is None or (after is not None and after <= before)


@given(NEEDS, OFFERS, st.integers(0, 3000), st.integers(0, 3000))
@settings(max_examples=100, deadline=None)
def test_a_larger_budget_never_costs_more(
    needs: list[Requirement], offers: list[Offering], cents: int, more_cents: int
) -> None:
    small = cost(needs, offers, Decimal(cents) / 100)
    large = cost(needs, offers, Decimal(cents + more_cents) / 100)
    assert small is None or small == large


@given(NEEDS, OFFERS)
@settings(max_examples=100, deadline=None)
def test_every_pod_stands_somewhere_and_no_node_holds_more_than_it_has(
    needs: list[Requirement], offers: list[Offering]
) -> None:
    try:
        placement = place(needs, offers)
    except Unplaceable:
        return
    by_name = {each.name: each for each in needs}
    gpus = dict.fromkeys(by_name, 0)
    for group in placement.nodes:
        kind = group.offering.instance_type
        assert group.idle_gpus_per_node >= 0
        assert (
            sum(by_name[held.endpoint].cpu_millicores_per_pod * held.pods for held in group.holds)
            <= kind.cpu_count * 1000
        )
        assert sum(by_name[held.endpoint].memory_bytes_per_pod * held.pods for held in group.holds) <= kind.memory_bytes
        for held in group.holds:
            gpus[held.endpoint] += group.count * held.pods * held.gpus_per_pod
    assert gpus == {each.name: each.gpu_count * each.replicas_at_most for each in needs}
