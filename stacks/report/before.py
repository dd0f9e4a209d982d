"""What a preview is compared with: the plan of a base, what is deployed, or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Self

from nim_profiles.bars import Bar
from nim_profiles.cli.fit_report import bar
from stacks.cost import cost_of, cost_output
from stacks.plan import Plan
from stacks.summary import EndpointSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    label: str
    """`what is deployed`, `main (1a2b3c4)`."""
    endpoints: Mapping[str, EndpointSummary] = field(default_factory=lambda: MappingProxyType({}))
    usd_per_hour: Decimal | None = None
    """Of the stack; None where there is none, or nothing is known."""
    endpoint_usd_per_hour: Mapping[str, Decimal] = field(default_factory=lambda: MappingProxyType({}))
    nodes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """By pool: `3 x g6e.12xlarge`."""
    bars: Mapping[str, Bar] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of_plan(cls, plan: Plan, label: str) -> Self:
        return cls(
            label=label,
            endpoints={one.name: EndpointSummary.of(one, plan) for one in plan.endpoints},
            bars={one.name: bar(one.fit) for one in plan.endpoints if one.fit and one.fit.estimate},
            **_money(cost_output(cost_of(plan))),
        )

    @classmethod
    def of_outputs(cls, outputs: Mapping[str, Any], label: str) -> Self:
        """Of what a stack exports."""
        read = {name: EndpointSummary.read(one) for name, one in outputs.get("endpoints", {}).items()}
        known = {name: one for name, one in read.items() if one is not None}
        return cls(label=label, endpoints=known, **_money(outputs.get("cost", {})))


def _money(cost: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "usd_per_hour": Decimal(cost["usd_per_hour"]) if "usd_per_hour" in cost else None,
        "endpoint_usd_per_hour": {name: Decimal(usd) for name, usd in cost.get("endpoints", {}).items()},
        "nodes": cost.get("nodes", {}),
    }
