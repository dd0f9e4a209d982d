import copy
import json
from decimal import Decimal
from importlib.resources import files

import pytest

from nim_profiles.instance import every_type
from tools.refresh_prices import refresh

DOCUMENT = json.loads(files("nim_profiles").joinpath("data/gpu_instances.json").read_text("utf-8"))
FOUND = {
    "InstanceType": "g6.xlarge",
    "GpuInfo": {"Gpus": [{"Manufacturer": "NVIDIA", "MemoryInfo": {"SizeInMiB": 22888}}]},
    "VCpuInfo": {"DefaultVCpus": 4},
    "MemoryInfo": {"SizeInMiB": 16384},
    "SupportedUsageClasses": ["spot", "on-demand"],
    "NetworkInfo": {},
}


def test_a_refreshed_price_carries_its_day_and_the_rest_of_the_file_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    document = copy.deepcopy(DOCUMENT)
    types = {"g6.xlarge": FOUND, "g9.xlarge": {**FOUND, "InstanceType": "g9.xlarge"}}
    missing = refresh(
        document, "us-east-1", "2027-01-02", types, {"g6.xlarge": ["use1-az1"]}, {"g6.xlarge": Decimal("0.7")}
    )
    assert missing == ["g9.xlarge"]
    changed = [new for new, old in zip(document["instances"], DOCUMENT["instances"], strict=True) if new != old]
    assert [row["instance_type"] for row in changed] == ["g6.xlarge"]
    monkeypatch.setattr("nim_profiles.instance.json.loads", lambda _: document)
    row = every_type.__wrapped__()["g6.xlarge"]
    assert (row.usd_per_hour, row.prices["us-east-1"].date) == (Decimal("0.7"), "2027-01-02")
    assert row.zone_ids["us-east-1"] == ("use1-az1",)


def test_a_type_that_left_a_region_is_offered_there_no_more() -> None:
    document = copy.deepcopy(DOCUMENT)
    refresh(document, "us-east-1", "2027-01-02", {"g6.xlarge": FOUND}, {}, {})
    (row,) = [row for row in document["instances"] if row["instance_type"] == "g6.xlarge"]
    assert "us-east-1" not in row["regions"]
    assert "us-east-1" not in row["availability_zone_ids"]
