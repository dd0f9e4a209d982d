"""Instance types of AWS that have GPUs: the catalogue, read from data that carries source and date in every row."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from nim_profiles.gpu import Gpu
from nim_profiles.units import GIB, MIB

PRICE_DATE = "2026-07-20"
"""Day on which the us-east-1 prices were read; source: `data/gpu_instances.json`, `meta.sources.prices_us_east_1`."""


@dataclass(frozen=True, slots=True)
class InstanceType:
    """One row of the catalogue. `gpu_count` is the GPUs of one node, whole ones only."""

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


class UnknownInstanceType(ValueError):
    """An instance type or a GPU that the catalogue does not have."""


def _gpu(row: Mapping[str, object]) -> Gpu:
    sizes = [size for key in ("gpu_memory_api_mib", "gpu_memory_smi_mib") if isinstance(size := row[key], int)]
    major, minor = str(row["gpu_compute_capability"]).split(".")
    return Gpu(
        product=str(row["gfd_product_label"]),
        short_name=str(row["gpu_name"]),
        memory_bytes=min(sizes) * MIB,
        compute_capability=(int(major), int(minor)),
        architecture=str(row["gpu_architecture"]),
    )


@cache
def catalogue() -> Mapping[str, InstanceType]:
    """Every instance type with whole NVIDIA GPUs, by name. Sources and caveats: `data/gpu_instances.json`, `meta`."""
    text = files("nim_profiles").joinpath("data/gpu_instances.json").read_text(encoding="utf-8")
    rows = json.loads(text)["instances"]
    types = {
        row["instance_type"]: InstanceType(
            name=row["instance_type"],
            gpu=_gpu(row),
            gpu_count=row["gpu_count"],
            cpu_count=row["vcpus"],
            memory_bytes=int(row["memory_gib"] * GIB),
            local_nvme_bytes=int(row["local_nvme_gb"] * 1_000_000_000),
            efa_interfaces=row["efa_interfaces"],
            nvlink=row["nvlink"] is not None,
            regions=tuple(row["regions"]),
            usd_per_hour=None if row["on_demand_usd_per_hour"] is None else Decimal(str(row["on_demand_usd_per_hour"])),
        )
        for row in rows
        # One row, p6e-gb200, has no published size of one GPU's memory yet: nothing can be planned on it.
        if row["nim_whole_gpu_usable"] and row["gpu_memory_api_mib"] is not None
    }
    return MappingProxyType(dict(sorted(types.items())))


def gpu_of_product(product: str) -> Gpu:
    """The GPU with this value of the node label `nvidia.com/gpu.product`; raises UnknownInstanceType."""
    gpus = {row.gpu.product: row.gpu for row in catalogue().values()}
    return gpus[_known(product, gpus, "a GPU product")]


def instance_type(name: str) -> InstanceType:
    """Raises UnknownInstanceType, naming the nearest type."""
    return catalogue()[_known(name, catalogue(), "an instance type with NVIDIA GPUs")]


def _known(name: str, known: Mapping[str, object], what: str) -> str:
    if name in known:
        return name
    near = get_close_matches(name, known, n=1, cutoff=0.0)
    raise UnknownInstanceType(f"{name!r}, which is not {what} in the catalogue; nearest: {near[0]}")
