import json
from decimal import Decimal
from importlib.resources import files

import pytest

from nim_profiles.instance import PRICE_DATE, UnknownInstanceType, catalogue, every_type, gpu_of_product, instance_type
from nim_profiles.units import GB, MIB

ROWS = json.loads(files("nim_profiles").joinpath("data/gpu_instances.json").read_text("utf-8"))["instances"]


def test_every_row_of_the_data_is_a_type_and_most_can_be_planned_on() -> None:
    assert len(every_type()) == len(ROWS) == 69
    assert len(catalogue()) == 63


def test_what_cannot_be_planned_on_says_why() -> None:
    unusable = {name: row.unusable for name, row in every_type().items() if row.unusable}
    assert sorted(unusable) == [
        "g6f.2xlarge",
        "g6f.4xlarge",
        "g6f.large",
        "g6f.xlarge",
        "gr6f.4xlarge",
        "p6e-gb200.36xlarge",
    ]
    assert unusable["g6f.large"] == "has 0.125 of one L4 (vGPU); a NIM needs whole GPUs"
    assert not unusable.keys() & catalogue().keys()


@pytest.mark.parametrize(("name", "mib"), [("g6e.xlarge", 45776), ("p5.48xlarge", 81559), ("g4dn.xlarge", 15360)])
def test_usable_memory_is_the_least_of_api_and_driver(name: str, mib: int) -> None:
    assert instance_type(name).gpu.memory_bytes == mib * MIB


def test_a_price_has_a_day_or_says_that_it_has_none() -> None:
    p5 = instance_type("p5.48xlarge")
    assert p5.usd_per_hour == p5.prices["us-east-1"].usd_per_hour == Decimal("55.04")
    assert p5.prices["us-east-1"].date == PRICE_DATE
    assert p5.prices["us-gov-west-1"].date == PRICE_DATE
    assert (p5.prices["us-west-2"].date, p5.prices["us-west-2"].source) == (None, "skypilot")
    assert instance_type("p5e.48xlarge").usd_per_hour is None


def test_the_cards_of_p6_b300_leave_card_0_without_efa() -> None:
    layout = instance_type("p6-b300.48xlarge").efa_layout
    assert [each.interface_type for each in layout if each.network_card_index == 0] == ["interface"]
    assert sum(each.interface_type == "efa-only" for each in layout) == 16


@pytest.mark.parametrize("name", every_type())
def test_every_type_has_what_a_plan_needs(name: str) -> None:
    row = every_type()[name]
    assert row.gpu_count in (1, 2, 4, 8)
    assert row.gpu.memory_bytes > 2 * GB
    assert set(row.zone_ids) == set(row.regions)
    assert hash(row) is not None


def test_an_unknown_type_or_product_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownInstanceType, match=r"'g6e\.48large'.*nearest: g6e\.48xlarge"):
        instance_type("g6e.48large")
    with pytest.raises(UnknownInstanceType, match="nearest: NVIDIA-L40S"):
        gpu_of_product("NVIDIA-L40SS")
    with pytest.raises(UnknownInstanceType):
        instance_type("g6f.large")
