"""Lots: offerings that differ in nothing but the zone, taken together, with what keeps the stack from buying them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from nim_profiles.placement.constraints import Constraints
from nim_profiles.placement.objections import not_for_sale
from nim_profiles.placement.offering import Offering


@dataclass(frozen=True, slots=True)
class Lot:
    """Nodes that may be bought alike."""

    offering: Offering
    """In the first zone."""
    zones: tuple[str, ...]
    not_for_sale: tuple[str, ...]


def lots_of(offerings: Iterable[Offering], constraints: Constraints) -> tuple[Lot, ...]:
    """In a stable order. Where replicas are spread over zones, or nodes are limited, every zone is a lot of its own."""
    found: dict[tuple[Offering, tuple[str, ...]], list[Offering]] = {}
    for offering in sorted(set(offerings), key=lambda each: each.sort_key):
        why = tuple(not_for_sale(offering, constraints))
        alone = constraints.spread_zones > 1 or offering.node_limit is not None
        found.setdefault((offering if alone else replace(offering, zone=""), why), []).append(offering)
    return tuple(Lot(same[0], tuple(each.zone for each in same), why) for (_, why), same in found.items())
