from decimal import Decimal
from typing import Any

import pytest

from nim_profiles.placement import CapacityType, Constraints, catalogue_offerings
from nim_profiles.placement.objections import objections, pods_of_replica
from nim_profiles.units import GB, GIB
from tests.profiles.placement.samples import need, offer


@pytest.mark.parametrize(
    ("more", "constraints", "why"),
    [
        ({"gib": 22.4}, Constraints(), "has 22.4 GiB a GPU (L4), short by less than 0.1 GiB"),
        ({"tensor_parallel": 8}, Constraints(), "has 4 GPUs a node, tensor parallel 8 stays within one"),
        ({"cpu_millicores_per_pod": 48001}, Constraints(), "has 48 CPUs for pods, a pod needs 48.001"),
        (
            {"memory_bytes_per_pod": 193 * GIB},
            Constraints(),
            "has 192.0 GiB of host memory for pods, a pod needs 193.0 GiB",
        ),
        ({"nvme_bytes_per_pod": 4000 * GB}, Constraints(), "has 3760 GB of instance store, a pod needs 4000 GB"),
        ({"architecture": "arm64"}, Constraints(), "is x86_64, the image is arm64"),
        ({}, Constraints(region="eu-west-1"), "is offered in us-east-1, not in eu-west-1"),
        ({}, Constraints(zones=("z8", "z9")), "is in none of the zones z8, z9"),
        ({}, Constraints(capacity_types=(CapacityType.SPOT,)), "is offered as on-demand, wanted is spot"),
        ({}, Constraints(allow=("g5", "g6.xlarge")), "is not on the allow list"),
        ({}, Constraints(deny=("g6",)), "is on the deny list"),
        (
            {"cpu_millicores_per_pod": 47001},
            Constraints(system_cpu_millicores_per_node=1000),
            "has 47 CPUs for pods, a pod needs 47.001",
        ),
    ],
)
def test_each_lack_is_told(more: dict[str, Any], constraints: Constraints, why: str) -> None:
    assert objections(need(**more), offer("g6.12xlarge"), constraints) == (why,)


def test_all_lacks_are_told_not_only_the_first() -> None:
    wish = need(precision="nvfp4", gib=100, tensor_parallel=8, cpu_millicores_per_pod=99000)
    assert len(objections(wish, offer("g6.xlarge"), Constraints(deny=("g6",), zones=("z9",)))) == 6


def test_a_reservation_counts_only_if_it_is_named() -> None:
    booked = offer("g6.xlarge", capacity_type=CapacityType.RESERVATION, reservation_id="cr-1")
    reserved = (CapacityType.RESERVATION,)
    assert objections(need(), booked, Constraints(capacity_types=reserved, reservation_ids=("cr-1",))) == ()
    assert objections(need(), booked, Constraints(capacity_types=reserved, reservation_ids=("cr-2",))) == (
        "is not in the reservations cr-2",
    )


def test_too_few_nodes_for_the_stages_of_one_replica_are_told() -> None:
    short = offer("g6.8xlarge", node_limit=2)
    assert objections(need(pipeline_parallel=3), short, Constraints()) == ("has 2 nodes to offer, a replica needs 3",)


def test_a_type_without_a_stock_image_needs_one_of_your_own() -> None:
    wish = need(precision="nvfp4")
    assert objections(wish, offer("g7.2xlarge"), Constraints()) == (
        "has no stock EKS image with its driver (custom image needed)",
    )
    assert objections(wish, offer("g7.2xlarge"), Constraints(custom_image=True)) == ()


@pytest.mark.parametrize(("gpus_per_node", "count", "gpus"), [(8, 1, 8), (4, 2, 4), (16, 1, 8)])
def test_a_replica_is_one_pod_where_a_node_holds_it_else_one_a_stage(gpus_per_node: int, count: int, gpus: int) -> None:
    pods = pods_of_replica(need(tensor_parallel=4, pipeline_parallel=2), gpus_per_node)
    assert (pods.count, pods.need[0]) == (count, gpus)


def test_every_row_of_the_catalogue_is_offered_or_says_why_not() -> None:
    here = {each.instance_type.name: each.withheld for each in catalogue_offerings("eu-west-1")}
    assert len(here) == 69
    assert here["p5.48xlarge"] == "is not offered in eu-west-1"
    assert here["p3.2xlarge"] == "is offered in no region any more"
    assert here["g5.xlarge"] is None


def test_spot_prices_are_not_in_the_catalogue_but_can_be_given() -> None:
    spot = (CapacityType.SPOT,)
    offers = catalogue_offerings(capacity_types=spot, prices={"g6.xlarge": Decimal("0.3")})
    whys = {each.instance_type.name: objections(need(), each, Constraints(capacity_types=spot)) for each in offers}
    assert whys["g6.xlarge"] == ()
    assert whys["g6.2xlarge"] == ("has no known spot price in us-east-1",)
