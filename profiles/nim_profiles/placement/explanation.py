"""A placement and a refusal in words, and as plain data for programs."""

from collections.abc import Mapping
from typing import Any

from nim_profiles.money import money
from nim_profiles.placement.placement import NodeGroup, Placement, Unplaceable


def grouped(reasons: Mapping[str, tuple[str, ...]]) -> str:
    """Types that lack the same on one line: `g4dn.{2xlarge,xlarge}: has 15.0 GiB a GPU (T4), short by 1.0 GiB`."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for name, why in sorted(reasons.items()):
        alike.setdefault(why, []).append(name)
    return "\n".join(f"  {_names(names)}: {'; '.join(why)}" for why, names in alike.items())


def _names(names: list[str]) -> str:
    sizes: dict[str, list[str]] = {}
    for name in names:
        family, _, size = name.partition(".")
        sizes.setdefault(family, []).append(size)
    return ", ".join(f"{f}.{s[0]}" if len(s) == 1 else f"{f}.{{{','.join(s)}}}" for f, s in sizes.items())


def holds_text(group: NodeGroup) -> str:
    """`llama: 2 pods of 4 GPUs`."""
    parts = [
        f"{held.endpoint}: {_many(held.pods, 'pod')} of {_many(held.gpus_per_pod, 'GPU')}"
        + (f", one of {held.stages_per_replica} stages each" if held.stages_per_replica > 1 else "")
        for held in group.holds
    ]
    idle = group.idle_gpus_per_node
    return "; ".join(parts) + (f"; {_many(idle, 'GPU')} idle" if idle else "")


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"


def runner_up_text(placement: Placement) -> str:
    """Why the next best lost."""
    best = placement.runner_up
    if best is None:
        return "no other choice of types holds it"
    nodes = ", ".join(f"{count} x {name}" for name, count in best.node_counts.items())
    lost = f"{money(best.usd_per_hour_more)}/h more" if best.usd_per_hour_more else "as cheap, and lost the tie"
    return f"without {best.without}: {nodes} for {money(best.usd_per_hour)}/h, {lost}"


def placement_json(placement: Placement) -> dict[str, Any]:
    """For programs. Money as numbers."""
    best = placement.runner_up
    return {
        "usd_per_hour": float(placement.usd_per_hour),
        "usd_per_month": float(placement.usd_per_month),
        "price_dates": list(placement.price_dates),
        "nodes": [_group_json(group) for group in placement.nodes],
        "runner_up": None
        if best is None
        else {
            "without": best.without,
            "nodes": dict(best.node_counts),
            "usd_per_hour": float(best.usd_per_hour),
            "why_it_lost": runner_up_text(placement),
        },
        "refusals": {name: list(why) for name, why in placement.refusals.items()},
        "notes": list(placement.notes),
    }


def refusal_json(refusal: Unplaceable) -> dict[str, Any]:
    """As `placement_json`, where there is no placement."""
    refusals = {name: list(why) for name, why in refusal.reasons.items()}
    return {"usd_per_hour": None, "nodes": [], "runner_up": None, "why": refusal.why, "refusals": refusals}


def _group_json(group: NodeGroup) -> dict[str, Any]:
    return {
        "instance_type": group.instance_type,
        "count": group.count,
        "usd_per_hour": float(group.usd_per_hour),
        "capacity_type": str(group.offering.capacity_type),
        "region": group.offering.region,
        "zones": list(group.zones),
        "reservation_id": group.offering.reservation_id,
        "idle_gpus_per_node": group.idle_gpus_per_node,
        "holds": [
            {
                "endpoint": held.endpoint,
                "pods": held.pods,
                "gpus_per_pod": held.gpus_per_pod,
                "stages_per_replica": held.stages_per_replica,
            }
            for held in group.holds
        ],
    }
