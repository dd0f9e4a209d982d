"""`nim-profiles instances`."""

from typing import TYPE_CHECKING, Any

import click

from nim_profiles.cli.output import console, json_option, print_json
from nim_profiles.units import GIB

if TYPE_CHECKING:
    from nim_profiles.instance import InstanceType


@click.command()
@click.option("--gpu", metavar="NAME", help="L40S, or the node label NVIDIA-L40S.")
@click.option("--family", metavar="NAME", help="g6e")
@click.option("--min-memory-gib", type=click.FloatRange(min=0), help="Of one GPU, as its driver reports it.")
@click.option("--min-gpus", type=click.IntRange(min=1), help="Of one node.")
@click.option("--min-compute-capability", metavar="N.N", help="8.9")
@click.option("--efa", is_flag=True, help="Only types with EFA.")
@click.option("--region", metavar="NAME", default="us-east-1", show_default=True, help="For prices and zones.")
@click.option("--everywhere", is_flag=True, help="Also types that the region does not offer.")
@json_option
def command(
    gpu: str | None,
    family: str | None,
    min_memory_gib: float | None,
    min_gpus: int | None,
    min_compute_capability: str | None,
    region: str,
    *,
    efa: bool,
    everywhere: bool,
    as_json: bool,
) -> None:
    """AWS instance types with GPUs.

    Sorted by price. Types on which nothing can be planned are listed too, with the reason.
    """
    from nim_profiles.instance import every_type  # noqa: PLC0415 - reads the catalogue's data

    least = (0, 0) if min_compute_capability is None else _capability(min_compute_capability)
    rows = [
        kind
        for kind in every_type().values()
        if (everywhere or region in kind.regions)
        and (gpu is None or gpu.lower() in (kind.gpu.short_name.lower(), kind.gpu.product.lower()))
        and (family is None or kind.family == family)
        and kind.gpu.memory_bytes >= (min_memory_gib or 0) * GIB
        and kind.gpu_count >= (min_gpus or 1)
        and kind.gpu.compute_capability >= least
        and (kind.efa_interfaces or not efa)
    ]
    rows.sort(key=lambda kind: (region not in kind.prices, _usd(kind, region) or 0, kind.name))
    if as_json:
        print_json({"region": region, "instances": [_json(kind, region) for kind in rows]})
        return
    from nim_profiles.cli.instance_table import instance_table  # noqa: PLC0415 - only for people

    console().print(instance_table(rows, region))


def _capability(text: str) -> tuple[int, int]:
    major, _, minor = text.partition(".")
    if not (major.isdecimal() and (minor or "0").isdecimal()):
        raise click.BadParameter(
            f"{text!r} is no compute capability. Write it as 8.9", param_hint="--min-compute-capability"
        )
    return int(major), int(minor or 0)


def _usd(kind: "InstanceType", region: str) -> float | None:
    return float(kind.prices[region].usd_per_hour) if region in kind.prices else None


def _json(kind: "InstanceType", region: str) -> dict[str, Any]:
    price = kind.prices.get(region)
    return {
        "instance_type": kind.name,
        "family": kind.family,
        "gpu": kind.gpu.short_name,
        "gpu_product": kind.gpu.product,
        "gpu_count": kind.gpu_count,
        "gpu_memory_bytes": kind.gpu.memory_bytes,
        "compute_capability": ".".join(map(str, kind.gpu.compute_capability)),
        "cpu_count": kind.cpu_count,
        "memory_bytes": kind.memory_bytes,
        "local_nvme_bytes": kind.local_nvme_bytes,
        "efa_interfaces": kind.efa_interfaces,
        "nvlink": kind.nvlink,
        "architecture": kind.architecture,
        "capacity_types": list(kind.capacity_types),
        "ami_types": list(kind.ami_types),
        "regions": list(kind.regions),
        "zone_ids": list(kind.zone_ids.get(region, ())),
        "usd_per_hour": _usd(kind, region),
        "price_date": None if price is None else price.date,
        "price_source": None if price is None else price.source,
        "unusable": kind.unusable,
    }
