"""Instance types of AWS that have GPUs: the catalogue, read from data that carries source and date in every row."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from nim_profiles.gpu import Gpu
from nim_profiles.mig import cut, whole_product
from nim_profiles.units import GB, GIB, MIB

PRICE_DATE = "2026-07-20"
"""Day on which the us-east-1 prices were read; source: `data/gpu_instances.json`, `meta.sources.prices_us_east_1`.
A row that `tools/refresh_prices.py` has touched since says its own day in `InstanceType.prices`."""


PRICE_REGION = "us-east-1"
"""The region of `InstanceType.usd_per_hour`."""

REFRESHED = "aws-pricing-api "
"""Begins the source of a price that `tools/refresh_prices.py` wrote; the day follows."""


@dataclass(frozen=True, slots=True)
class Price:
    """On demand, one node, one region."""

    usd_per_hour: Decimal
    date: str | None
    """None where the source records no day."""
    source: str
    """Word of `on_demand_other_regions_basis`; `derived-ratio` is an estimate, see `meta.sources.prices_other`."""


@dataclass(frozen=True, slots=True)
class NetworkInterface:
    """One network interface of a node that uses EFA."""

    network_card_index: int
    device_index: int
    interface_type: str
    """`interface` or `efa-only`."""


@dataclass(frozen=True, slots=True)
class InstanceType:
    """One row of the catalogue. `gpu_count` is the GPUs of one node: whole ones, unless `unusable` says otherwise."""

    name: str
    gpu: Gpu
    gpu_count: int
    cpu_count: int
    memory_bytes: int
    local_nvme_bytes: int
    efa_interfaces: int
    """0 where the type has no EFA."""
    nvlink: bool
    regions: tuple[str, ...]
    usd_per_hour: Decimal | None
    """On demand, us-east-1, at `PRICE_DATE`; None where AWS publishes no on-demand price."""
    family: str = ""
    architecture: str = "x86_64"
    """`x86_64` or `arm64`."""
    zone_ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    """Zone ids by region, e.g. `use1-az1`; names such as us-east-1a mean another zone in every account."""
    prices: Mapping[str, Price] = field(default_factory=dict, hash=False)
    """On-demand prices by region."""
    capacity_types: tuple[str, ...] = ()
    """As AWS sells it: `on-demand`, `spot`, `capacity-block`."""
    ami_types: tuple[str, ...] = ()
    """EKS images with its driver; empty where a custom image is needed."""
    efa_layout: tuple[NetworkInterface, ...] = ()
    """Interfaces that use every EFA card. Computed from the cards by AWS's rule, never launched."""
    nvlink_across_nodes: bool = False
    unusable: str | None = None
    """Why nothing can be planned on it, as the end of a sentence that begins with the name; None for all others."""


class UnknownInstanceType(ValueError):
    """An instance type or a GPU that the catalogue does not have."""


def _gpu(row: Mapping[str, Any]) -> Gpu:
    sizes = [size for key in ("gpu_memory_api_mib", "gpu_memory_smi_mib") if isinstance(size := row[key], int)]
    major, minor = str(row["gpu_compute_capability"]).split(".")
    return Gpu(
        product=row["gfd_product_label"],
        short_name=row["gpu_name"],
        memory_bytes=min(sizes) * MIB if sizes else row["gpu_memory_marketing_gb"] * GB,
        compute_capability=(int(major), int(minor)),
        architecture=row["gpu_architecture"],
    )


def _day(source: str) -> str | None:
    """SkyPilot's list has no day, and a derived price has no source."""
    if source.startswith(REFRESHED):
        return source.removeprefix(REFRESHED)
    return PRICE_DATE if source == "karpenter-gov" else None


def _prices(row: Mapping[str, Any]) -> Mapping[str, Price]:
    basis = row["on_demand_other_regions_basis"]
    prices = {
        region: Price(Decimal(str(usd)), _day(basis[region]), basis[region])
        for region, usd in row["on_demand_usd_per_hour_other_regions"].items()
    }
    if row["on_demand_usd_per_hour"] is not None and PRICE_REGION not in prices:
        prices[PRICE_REGION] = Price(Decimal(str(row["on_demand_usd_per_hour"])), PRICE_DATE, "karpenter")
    return MappingProxyType(dict(sorted(prices.items())))


def _unusable(row: Mapping[str, Any]) -> str | None:
    if not row["nim_whole_gpu_usable"]:
        return f"has {row['gpu_partition_size']:g} of one {row['gpu_name']} (vGPU); a NIM needs whole GPUs"
    if row["gpu_memory_api_mib"] is None:
        return "is sold only as part of an UltraServer, and the memory of one GPU is not published"
    return None


def _row(row: Mapping[str, Any]) -> InstanceType:
    prices = _prices(row)
    return InstanceType(
        name=row["instance_type"],
        gpu=_gpu(row),
        gpu_count=row["gpu_count"],
        cpu_count=row["vcpus"],
        memory_bytes=int(row["memory_gib"] * GIB),
        local_nvme_bytes=int((row["local_nvme_gb"] or 0) * GB),
        efa_interfaces=row["efa_interfaces"],
        nvlink=row["nvlink"] is not None,
        regions=tuple(row["regions"]),
        usd_per_hour=prices[PRICE_REGION].usd_per_hour if PRICE_REGION in prices else None,
        family=row["family"],
        architecture=row["architecture"][0],
        zone_ids=MappingProxyType({region: tuple(ids) for region, ids in row["availability_zone_ids"].items()}),
        prices=prices,
        capacity_types=tuple(row["supported_usage_classes"]),
        ami_types=tuple(row["eks_ami_types"]),
        efa_layout=tuple(NetworkInterface(**interface) for interface in row["efa_nic_layout_recommended"] or ()),
        nvlink_across_nodes=row["multi_node_nvlink"],
        unusable=_unusable(row),
    )


@cache
def every_type() -> Mapping[str, InstanceType]:
    """Every row, by name, with those on which nothing can be planned (`InstanceType.unusable` says why)."""
    text = files("nim_profiles").joinpath("data/gpu_instances.json").read_text(encoding="utf-8")
    rows = sorted((_row(row) for row in json.loads(text)["instances"]), key=lambda row: row.name)
    return MappingProxyType({row.name: row for row in rows})


@cache
def catalogue() -> Mapping[str, InstanceType]:
    """Every instance type with whole NVIDIA GPUs, by name. Sources and caveats: `data/gpu_instances.json`, `meta`."""
    return MappingProxyType({name: row for name, row in every_type().items() if row.unusable is None})


def gpu_of_product(product: str) -> Gpu:
    """The GPU, or MIG slice, with this value of the node label `nvidia.com/gpu.product`; raises UnknownInstanceType."""
    gpus = {row.gpu.product: row.gpu for row in catalogue().values()}
    return cut(gpus[_known(whole_product(product), gpus, "a GPU product")], product)


def instance_type(name: str) -> InstanceType:
    """Raises UnknownInstanceType, naming the nearest type, or why nothing can be planned on this one."""
    if (row := every_type().get(name)) is not None and row.unusable is not None:
        raise UnknownInstanceType(f"{name!r}, which {row.unusable}")
    return catalogue()[_known(name, catalogue(), "an instance type with NVIDIA GPUs")]


def _known(name: str, known: Mapping[str, object], what: str) -> str:
    if name in known:
        return name
    near = get_close_matches(name, known, n=1, cutoff=0.0)
    raise UnknownInstanceType(f"{name!r}, which is not {what} in the catalogue; nearest: {near[0]}")
