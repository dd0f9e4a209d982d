"""Offerings: an instance type in one zone at one price."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from nim_profiles.instance import PRICE_REGION, InstanceType, Price, every_type


class CapacityType(StrEnum):
    """How a node is bought. The words are AWS's; `reservation` is an on-demand capacity reservation."""

    ON_DEMAND = "on-demand"
    SPOT = "spot"
    CAPACITY_BLOCK = "capacity-block"
    RESERVATION = "reservation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offering:
    """One instance type as it can be bought."""

    instance_type: InstanceType
    region: str
    zone: str
    """Zone id. Empty where nothing is known of zones."""
    capacity_type: CapacityType = CapacityType.ON_DEMAND
    usd_per_hour: Decimal | None
    """One node. None where no price is known: such an offering is never taken."""
    price_date: str | None = None
    """None where the source records no day."""
    price_source: str = ""
    reservation_id: str | None = None
    """Of a reservation or a capacity block."""
    node_limit: int | None = None
    """Nodes that can be had at most; None for no known limit."""
    withheld: str | None = None
    """Why nobody can buy it, as the end of a sentence that begins with the type; None when it is on sale."""

    @property
    def sort_key(self) -> tuple[str, str, str, str, Decimal, str, int, str]:
        price = Decimal("Infinity") if self.usd_per_hour is None else self.usd_per_hour
        limit = -1 if self.node_limit is None else self.node_limit
        where = (self.instance_type.name, self.region, self.zone, str(self.capacity_type))
        return (*where, price, self.reservation_id or "", limit, self.withheld or "")


def catalogue_offerings(
    region: str = PRICE_REGION,
    capacity_types: Iterable[CapacityType] = (CapacityType.ON_DEMAND,),
    prices: Mapping[str, Decimal] | None = None,
) -> tuple[Offering, ...]:
    """Every row of the catalogue in every zone of `region`, also those that cannot be bought there: they say why.

    The catalogue has on-demand prices only. `prices`, by type, replaces them and stands in for the missing ones.
    """
    given = prices or {}
    return tuple(
        offering
        for row in every_type().values()
        for capacity_type in sorted(set(capacity_types))
        for offering in _offerings(row, region, capacity_type, given.get(row.name))
    )


def _offerings(
    row: InstanceType, region: str, capacity_type: CapacityType, given: Decimal | None
) -> tuple[Offering, ...]:
    price = row.prices.get(region) if capacity_type is CapacityType.ON_DEMAND else None
    if given is not None:
        price = Price(given, None, "given")
    return tuple(
        Offering(
            instance_type=row,
            region=region,
            zone=zone,
            capacity_type=capacity_type,
            usd_per_hour=None if price is None else price.usd_per_hour,
            price_date=None if price is None else price.date,
            price_source="" if price is None else price.source,
            withheld=_withheld(row, region, capacity_type),
        )
        for zone in row.zone_ids.get(region, ("",))
    )


def _withheld(row: InstanceType, region: str, capacity_type: CapacityType) -> str | None:
    if not row.regions:
        return "is offered in no region any more" if row.unusable is None else "is offered in no listed region"
    if region not in row.regions:
        return f"is not offered in {region}"
    if capacity_type is not CapacityType.RESERVATION and capacity_type not in row.capacity_types:
        return f"is not sold as {capacity_type}"
    return None
