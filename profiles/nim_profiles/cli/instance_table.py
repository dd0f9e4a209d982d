"""Tables of instance types and placements for people."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from nim_profiles.money import money
from nim_profiles.units import GB, gib

if TYPE_CHECKING:
    from rich.table import Table

    from nim_profiles.instance import InstanceType
    from nim_profiles.placement import Placement


def instance_table(rows: Iterable["InstanceType"], region: str) -> "Table":
    table = _table(
        "type", "GPU", "GPUs>", "memory/GPU>", "capability>", "CPUs>", "memory>", "NVMe>", "EFA>", "$/h>", ""
    )
    for kind in rows:
        price = kind.prices.get(region)
        remark = kind.unusable or ("" if kind.ami_types else "no stock EKS image")
        if price is not None and price.date is None:
            remark = "; ".join(part for part in (remark, f"price: {price.source}, undated") if part)
        table.add_row(
            kind.name,
            kind.gpu.short_name,
            str(kind.gpu_count),
            gib(kind.gpu.memory_bytes),
            ".".join(map(str, kind.gpu.compute_capability)),
            str(kind.cpu_count),
            gib(kind.memory_bytes),
            f"{kind.local_nvme_bytes / GB:g} GB" if kind.local_nvme_bytes else "",
            str(kind.efa_interfaces or ""),
            "" if price is None else money(price.usd_per_hour),
            remark,
        )
    return table


def placement_table(placement: "Placement") -> "Table":
    from nim_profiles.placement.explanation import holds_text  # noqa: PLC0415 - brings the solver, which a list needs not

    table = _table("nodes>", "type", "GPUs/node", "$/h>", "zones", "each holds")
    for group in placement.nodes:
        kind = group.offering.instance_type
        table.add_row(
            str(group.count),
            kind.name,
            f"{kind.gpu_count} x {kind.gpu.short_name} {gib(kind.gpu.memory_bytes)}",
            money(group.usd_per_hour),
            " ".join(group.zones),
            holds_text(group),
        )
    return table


def _table(*headings: str) -> "Table":
    """A heading that ends with `>` is aligned to the right."""
    from rich.table import Table  # noqa: PLC0415 - rich is as heavy as all the rest of the program

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in headings:
        table.add_column(
            heading.removesuffix(">"), justify="right" if heading.endswith(">") else "left", overflow="fold"
        )
    return table
