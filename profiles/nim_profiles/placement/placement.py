"""The answer: which nodes, what each holds, what they cost, and what else was possible."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from nim_profiles.money import HOURS_PER_MONTH
from nim_profiles.placement.offering import Offering


@dataclass(frozen=True, slots=True, order=True)
class Held:
    """Pods of one endpoint on one node."""

    endpoint: str
    pods: int
    gpus_per_pod: int
    stages_per_replica: int = 1
    """Above 1 each pod is one pipeline stage, and the other stages of its replica are on other nodes."""


@dataclass(frozen=True, slots=True)
class NodeGroup:
    """Nodes of one type that hold the same."""

    offering: Offering
    """In the first of `zones`."""
    zones: tuple[str, ...]
    """Any of them will do; all nodes of a replica that spans nodes in one of them."""
    count: int
    holds: tuple[Held, ...]

    @property
    def instance_type(self) -> str:
        return self.offering.instance_type.name

    @property
    def usd_per_hour(self) -> Decimal:
        """Of all `count` nodes."""
        assert self.offering.usd_per_hour is not None  # noqa: S101 - offerings without a price are never taken
        return self.count * self.offering.usd_per_hour

    @property
    def idle_gpus_per_node(self) -> int:
        return self.offering.instance_type.gpu_count - sum(held.pods * held.gpus_per_pod for held in self.holds)


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """The cheapest placement that does without one of the chosen types."""

    without: str
    node_counts: Mapping[str, int] = field(hash=False)
    """By type."""
    usd_per_hour: Decimal
    usd_per_hour_more: Decimal
    """Than the placement; 0 on a tie."""


@dataclass(frozen=True, slots=True)
class Placement:
    """The cheapest set of nodes that holds every replica, head room included; proven."""

    nodes: tuple[NodeGroup, ...]
    runner_up: RunnerUp | None
    """None where the requirements can be met in no other way."""
    refusals: Mapping[str, tuple[str, ...]] = field(hash=False)
    """Types that cannot hold some endpoint, with all reasons."""
    notes: tuple[str, ...] = ()

    @property
    def usd_per_hour(self) -> Decimal:
        return sum((group.usd_per_hour for group in self.nodes), Decimal(0))

    @property
    def usd_per_month(self) -> Decimal:
        return self.usd_per_hour * HOURS_PER_MONTH

    @property
    def price_dates(self) -> tuple[str, ...]:
        """Days of the prices in it; `undated` where a source records none."""
        return tuple(sorted({group.offering.price_date or "undated" for group in self.nodes}))

    @property
    def node_counts(self) -> Mapping[str, int]:
        """By type."""
        names = sorted({group.instance_type for group in self.nodes})
        return {name: sum(group.count for group in self.nodes if group.instance_type == name) for name in names}


class Unplaceable(ValueError):
    """No set of nodes meets the requirements. `reasons` holds every type and all that it lacks."""

    def __init__(self, why: str, reasons: Mapping[str, tuple[str, ...]], text: str) -> None:
        self.why = why
        """In one sentence."""
        self.reasons = reasons
        super().__init__(text)
