"""The bill, for a person: nodes, endpoints and idle GPUs by the hour and month, beside what was deployed before."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from rich.table import Table

from nim_profiles.money import HOURS_PER_MONTH, money
from stacks.cost import Cost, PoolCost, nodes_text


def cost_table(cost: Cost, deployed: Mapping[str, Any]) -> Table:
    """`deployed` is the output `cost` that the stack had before: empty for what was never deployed."""
    dates = ", ".join(cost.price_dates)
    table = Table(
        title=f"Cost on demand, prices of {dates}" if dates else "Cost: of no node is a price known here",
        title_justify="left",
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
        header_style="bold",
    )
    for heading in ("", "nodes", "$/h", "$/month", "before $/h", "difference", ""):
        table.add_column(heading, justify="right" if "$" in heading or heading == "difference" else "left")
    before = deployed.get("endpoints", {})
    for pool in cost.pools:
        _pool_rows(table, pool, before)
    for name in sorted(before.keys() - cost.endpoints.keys()):
        table.add_row(f"  {name}", "", "-", "-", *_beside(Decimal(0), before[name]), "goes")
    table.add_row("stack", "", *amounts(cost.usd_per_hour), *_beside(cost.usd_per_hour, deployed.get("usd_per_hour")))
    return table


def _pool_rows(table: Table, pool: PoolCost, before: Mapping[str, str]) -> None:
    nodes = nodes_text(pool)
    if pool.usd_per_hour is None:
        table.add_row(pool.pool, nodes, "-", "-", "", "", pool.note or "")
        return
    table.add_row(pool.pool, nodes, *amounts(pool.usd_per_hour), "", "", pool.note or "")
    for name, usd in sorted(pool.endpoints.items()):
        table.add_row(f"  {name}", "", *amounts(usd), *_beside(usd, before.get(name)))
    if pool.idle_usd_per_hour:
        table.add_row("  idle GPUs", "", *amounts(pool.idle_usd_per_hour), style="dim")


def amounts(usd_per_hour: Decimal) -> tuple[str, str]:
    """By the hour, to the cent, and by the month, to the dollar."""
    month = usd_per_hour * HOURS_PER_MONTH
    return money(_cents(usd_per_hour)), f"${month:,.0f}"


def _cents(usd: Decimal) -> Decimal:
    return usd.quantize(Decimal("0.01"))


def _beside(usd: Decimal, was: str | None) -> tuple[str, str]:
    if was is None:
        return "-", "new"
    more = _cents(usd) - _cents(Decimal(was))
    sign = "+" if more > 0 else "-" if more < 0 else "±"
    return money(_cents(Decimal(was))), f"{sign}{money(abs(more))}"
