# ruff: noqa: INP001 - a script, not a package
"""Reads types and prices from AWS's own API into the catalogue: `uv run --with boto3 python tools/refresh_prices.py`.

Needs credentials for ec2:DescribeInstanceTypes, ec2:DescribeInstanceTypeOfferings and pricing:GetProducts. It runs
when you run it, never while planning. It writes the data file in place: read `git diff` as you read code. What AWS's
API does not say (memory by the driver, node labels, images) stays as it is; types that AWS has and the file lacks are
named, and a person adds their rows with sources.
"""

import argparse
import datetime as dt
import json
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from nim_profiles.instance import REFRESHED

DATA = Path(__file__).parent.parent / "profiles/nim_profiles/data/gpu_instances.json"
PRICING_REGION = "us-east-1"  # the price list of all regions is served from here

Row = dict[str, Any]  # Any: JSON


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--region", action="append", help="prices and zones of this region; may repeat (us-east-1)")
    parser.add_argument("--data", type=Path, default=DATA)
    args = parser.parse_args()
    try:
        import boto3  # type: ignore[import-untyped]  # noqa: PLC0415 - only this tool needs it
    except ModuleNotFoundError:
        print("boto3 is not installed: uv run --with boto3 python tools/refresh_prices.py", file=sys.stderr)
        return 2
    document = json.loads(args.data.read_text(encoding="utf-8"))
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    for region in args.region or [PRICING_REGION]:
        ec2 = boto3.client("ec2", region_name=region)
        types = {each["InstanceType"]: each for each in gpu_types(ec2)}
        zones = zone_ids(ec2)
        prices = {name: price(boto3.client("pricing", region_name=PRICING_REGION), name, region) for name in types}
        missing = refresh(document, region, today, types, zones, prices)
        print(f"{region}: {len(types)} types with NVIDIA GPUs; not in the file: {', '.join(missing) or 'none'}")
    args.data.write_text(json.dumps(document, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")
    return 0


def refresh(
    document: Row,
    region: str,
    today: str,
    types: dict[str, Row],
    zones: dict[str, list[str]],
    prices: dict[str, Decimal | None],
) -> list[str]:
    """Changes the rows of `document`; returns the types that it has no row for."""
    rows = {row["instance_type"]: row for row in document["instances"]}
    for name in sorted(rows.keys() & types.keys()):
        row, found = rows[name], types[name]
        row["gpu_memory_api_mib"] = found["GpuInfo"]["Gpus"][0]["MemoryInfo"]["SizeInMiB"]
        row["vcpus"] = found["VCpuInfo"]["DefaultVCpus"]
        row["memory_gib"] = found["MemoryInfo"]["SizeInMiB"] / 1024
        row["supported_usage_classes"] = sorted(found["SupportedUsageClasses"])
        row["efa_interfaces"] = found["NetworkInfo"].get("EfaInfo", {}).get("MaximumEfaInterfaces", 0)
        if name in zones:
            row["availability_zone_ids"][region] = sorted(zones[name])
        else:
            row["availability_zone_ids"].pop(region, None)
        row["regions"] = sorted({*row["regions"], region} if name in zones else {*row["regions"]} - {region})
        if (usd := prices.get(name)) is not None:
            row["on_demand_usd_per_hour_other_regions"][region] = float(usd)
            row["on_demand_other_regions_basis"][region] = f"{REFRESHED}{today}"
    return sorted(types.keys() - rows.keys())


def gpu_types(ec2: Any) -> Iterator[Row]:  # Any: boto3 makes its clients at run time
    for page in ec2.get_paginator("describe_instance_types").paginate():
        for kind in page["InstanceTypes"]:
            if any(gpu["Manufacturer"] == "NVIDIA" for gpu in kind.get("GpuInfo", {}).get("Gpus", [])):
                yield kind


def zone_ids(ec2: Any) -> dict[str, list[str]]:  # Any: as above
    found: dict[str, list[str]] = {}
    for page in ec2.get_paginator("describe_instance_type_offerings").paginate(LocationType="availability-zone-id"):
        for each in page["InstanceTypeOfferings"]:
            found.setdefault(each["InstanceType"], []).append(each["Location"])
    return found


def price(pricing: Any, name: str, region: str) -> Decimal | None:  # Any: as above
    """On demand, Linux, shared tenancy, nothing pre-installed, USD an hour; None where there is no such price."""
    wanted = {
        "instanceType": name,
        "regionCode": region,
        "operatingSystem": "Linux",
        "tenancy": "Shared",
        "preInstalledSw": "NA",
        "capacitystatus": "Used",
    }
    filters = [{"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in wanted.items()]
    products = pricing.get_products(ServiceCode="AmazonEC2", Filters=filters)["PriceList"]
    terms = [term for text in products for term in json.loads(text)["terms"].get("OnDemand", {}).values()]
    usd = [Decimal(each["pricePerUnit"]["USD"]) for term in terms for each in term["priceDimensions"].values()]
    return min((amount for amount in usd if amount), default=None)


if __name__ == "__main__":
    sys.exit(main())
