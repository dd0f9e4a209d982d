"""`place`: requirements meet offerings."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from nim_profiles.money import money
from nim_profiles.placement.constraints import Constraints
from nim_profiles.placement.explanation import grouped
from nim_profiles.placement.handing_out import node_groups
from nim_profiles.placement.lots import Lot, lots_of
from nim_profiles.placement.objections import Pods, capacity, not_able, pods_of_replica
from nim_profiles.placement.offering import Offering
from nim_profiles.placement.placement import NodeGroup, Placement, RunnerUp, Unplaceable
from nim_profiles.placement.reduction import reduced
from nim_profiles.placement.requirement import BadRequirement, Requirement
from nim_profiles.placement.solver import Demand, NodeKind, solve, tie_broken
from nim_profiles.precision import precision_note

ANYWHERE = Constraints()

Reasons = Mapping[str, tuple[str, ...]]
"""By type."""


@dataclass(frozen=True, slots=True)
class _Question:
    """What is known before anything is solved. Needs that differ in nothing but name and number are asked as one."""

    needs: tuple[tuple[Requirement, ...], ...]
    pods: tuple[Mapping[int, Pods], ...]
    """For each of `needs`: by index of `lots`, where it fits."""
    lacks: tuple[Reasons, ...]
    """For each of `needs`: for every type of which no lot fits, what speaks against the lot that comes nearest."""
    lots: tuple[Lot, ...]
    kinds: tuple[NodeKind, ...]
    spread_zones: int


def place(
    requirements: Sequence[Requirement], offerings: Sequence[Offering], constraints: Constraints = ANYWHERE
) -> Placement:
    """The cheapest set of nodes that holds all endpoints together, proven. Ties go to fewer nodes, then to the name.

    The order of requirements and offerings is of no consequence. Raises Unplaceable, naming every type and what it
    lacks, and BadRequirement for two endpoints of one name.
    """
    twice = sorted(name for name, count in Counter(need.name for need in requirements).items() if count > 1)
    if twice:
        raise BadRequirement(f"more than one requirement is named {', '.join(twice)}")
    wanted = sorted(need for need in requirements if need.replicas_at_most)
    lots = lots_of(offerings, constraints)
    question = _question(wanted, lots, constraints)
    groups = zip(question.needs, question.pods, strict=True)
    stranded = sorted(need.name for needs, pods in groups if not pods for need in needs)
    lacks = {need.name: why for needs, why in zip(question.needs, question.lacks, strict=True) for need in needs}
    if stranded:
        reasons = _told({name: lacks[name] for name in stranded})
        raise _unplaceable(f"no instance type holds {', '.join(stranded)}", reasons)
    nodes = _solve(question)
    if nodes is None:
        why = "the types that fit are not offered in as many nodes or zones as are needed"
        raise _unplaceable(why, _told(lacks, lots, "fits, but is offered in too few nodes or zones"))
    placement = Placement(nodes, None, _told(lacks), _notes(wanted, nodes))
    ceiling, cost = constraints.usd_per_hour_ceiling, placement.usd_per_hour
    if ceiling is not None and cost > ceiling:
        why = f"the cheapest nodes cost {money(cost)}/h, the ceiling is {money(ceiling)}/h"
        raise _unplaceable(why, _told(lacks, lots, "fits, but everything with it is above the ceiling"))
    return replace(placement, runner_up=_runner_up(question, placement))


def _question(wanted: Sequence[Requirement], lots: tuple[Lot, ...], constraints: Constraints) -> _Question:
    alike: dict[Requirement, list[Requirement]] = {}
    for need in wanted:
        # Spread is a rule for each endpoint, so endpoints stay apart then.
        key = need if constraints.spread_zones > 1 else replace(need, name="any", replicas=0, max_surge=0)
        alike.setdefault(key, []).append(need)
    against = [[(*lot.not_for_sale, *not_able(need, lot.offering, constraints)) for lot in lots] for need in alike]
    pods = tuple(
        {
            index: pods_of_replica(need, lots[index].offering.instance_type.gpu_count)
            for index, why in enumerate(whys)
            if not why
        }
        for need, whys in zip(alike, against, strict=True)
    )
    kinds = tuple(
        NodeKind(
            lot.offering.instance_type.name,
            lot.offering.usd_per_hour or Decimal(0),
            capacity(lot.offering, constraints),
            lot.offering.node_limit,
            lot.zones[0] if constraints.spread_zones > 1 else "",
        )
        for lot in lots
    )
    needs = tuple(tuple(same) for same in alike.values())
    return _Question(needs, pods, tuple(_lacks(lots, why) for why in against), lots, kinds, constraints.spread_zones)


def _lacks(lots: Sequence[Lot], against: Sequence[tuple[str, ...]]) -> Reasons:
    found: dict[str, list[tuple[str, ...]]] = {}
    for lot, why in zip(lots, against, strict=True):
        found.setdefault(lot.offering.instance_type.name, []).append(why)
    return {name: min(whys, key=lambda why: (len(why), why)) for name, whys in sorted(found.items()) if all(whys)}


def _solve(
    question: _Question, without: str | None = None, at_most_usd: Decimal | None = None
) -> tuple[NodeGroup, ...] | None:
    demands = []
    for needs, pods in zip(question.needs, question.pods, strict=True):
        ways = {index: each for index, each in pods.items() if question.kinds[index].name != without}
        demands.append(Demand(sum(need.replicas_at_most for need in needs), ways))
    if not all(demand.pods for demand in demands):
        return None
    alike: dict[object, list[int]] = {}
    for number, demand in enumerate(small := reduced(demands, question.kinds)):
        alike.setdefault(number if question.spread_zones > 1 else tuple(demand.pods.items()), []).append(number)
    merged = [replace(small[same[0]], replicas=sum(small[n].replicas for n in same)) for same in alike.values()]
    endpoints = [[need for number in same for need in question.needs[number]] for same in alike.values()]
    chosen = solve(merged, question.kinds, question.spread_zones, at_most_usd)
    if chosen is not None and without is None:
        chosen = tie_broken(chosen, merged, question.kinds, question.spread_zones)
    return None if chosen is None else node_groups(chosen, merged, endpoints, question.lots)


def _runner_up(question: _Question, placement: Placement) -> RunnerUp | None:
    best: RunnerUp | None = None
    spent = {
        name: sum(group.usd_per_hour for group in placement.nodes if group.instance_type == name)
        for name in placement.node_counts
    }
    # The least spent on first: a low cost found early rules the others out sooner.
    for name in sorted(spent, key=lambda name: (spent[name], name)):
        nodes = _solve(question, without=name, at_most_usd=None if best is None else best.usd_per_hour)
        if nodes is None:
            continue
        other = Placement(nodes, None, {})
        if best is None or other.usd_per_hour < best.usd_per_hour:
            more = other.usd_per_hour - placement.usd_per_hour
            best = RunnerUp(name, other.node_counts, other.usd_per_hour, more)
    return best


def _told(lacks: Mapping[str, Reasons], lots: Sequence[Lot] = (), otherwise: str = "") -> Reasons:
    """Reasons of all endpoints together, with their names where they do not hold for all.

    The types of `lots` that lack nothing get `otherwise`.
    """
    found: dict[str, dict[str, list[str]]] = {}
    names = sorted(
        {*(lot.offering.instance_type.name for lot in lots), *(name for why in lacks.values() for name in why)}
    )
    for endpoint, reasons in lacks.items():
        for name in names:
            for reason in reasons.get(name, (otherwise,) if otherwise else ()):
                found.setdefault(name, {}).setdefault(reason, []).append(endpoint)
    return {
        name: tuple(
            reason if len(endpoints) == len(lacks) else f"{reason} (for {', '.join(endpoints)})"
            for reason, endpoints in whys.items()
        )
        for name, whys in sorted(found.items())
    }


def _unplaceable(why: str, reasons: Reasons) -> Unplaceable:
    return Unplaceable(why, reasons, f"{why}. Every type and what it lacks:\n{grouped(reasons)}")


def _notes(wanted: Sequence[Requirement], nodes: Sequence[NodeGroup]) -> tuple[str, ...]:
    by_name = {need.name: need for need in wanted}
    notes = set()
    for group in nodes:
        kind, source = group.offering.instance_type, group.offering.price_source
        if group.offering.price_date is None:
            notes.add(f"{kind.name}: the price in {group.offering.region} has no date (source: {source or 'unnamed'})")
        for held in group.holds:
            need = by_name[held.endpoint]
            if (note := precision_note(need.precision, need.engine, kind.gpu)) is not None:
                notes.add(f"{held.endpoint}: {note}")
            if need.tensor_parallel > 1 and not kind.nvlink:
                notes.add(
                    f"{held.endpoint}: {kind.name} has no NVLink, tensor parallel {need.tensor_parallel} uses PCIe"
                )
    return tuple(sorted(notes))
