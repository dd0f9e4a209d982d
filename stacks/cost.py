"""What a plan costs: nodes by the hour, who uses them, and what stands idle. On-demand prices of the catalogue."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from nim_profiles.instance import PRICE_REGION, InstanceType
from nim_profiles.money import HOURS_PER_MONTH
from pulumi_nim.eks.node_group import CapacityType, EksNodeGroup
from pulumi_nim.gpu_node_pool import BackEnd, ExistingNodes, SimulatedNodes
from pulumi_nim.karpenter.nodes import KarpenterNodes, Market
from stacks.plan import EndpointPlan, Plan


@dataclass(frozen=True, slots=True)
class PoolCost:
    """The nodes of one pool. A pool without a price says why."""

    pool: str
    nodes: int
    """Where an autoscaler decides: what the replicas fill, within its limits."""
    instance_type: str
    usd_per_hour: Decimal | None
    """All nodes together."""
    idle_usd_per_hour: Decimal
    """Of GPUs that no replica asks for."""
    endpoints: Mapping[str, Decimal]
    """USD per hour by endpoint: its GPUs' share of the nodes."""
    price_date: str | None
    note: str | None
    """What a reader of the price should know, or why there is none."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a whole stack; pools without a price are in `pools` and count nothing."""

    pools: tuple[PoolCost, ...]

    @property
    def usd_per_hour(self) -> Decimal:
        return sum((pool.usd_per_hour or Decimal(0) for pool in self.pools), Decimal(0))

    @property
    def usd_per_month(self) -> Decimal:
        """AWS's month of 730 hours."""
        return self.usd_per_hour * HOURS_PER_MONTH

    @property
    def endpoints(self) -> Mapping[str, Decimal]:
        """USD per hour by endpoint; those of pools without a price are not in it."""
        return {name: usd for pool in self.pools for name, usd in sorted(pool.endpoints.items())}

    @property
    def price_dates(self) -> tuple[str, ...]:
        return tuple(sorted({pool.price_date or "undated" for pool in self.pools if pool.usd_per_hour is not None}))


def cost_of(plan: Plan) -> Cost:
    """Reads no cloud: prices are the catalogue's."""
    return Cost(tuple(_pool_cost(name, pool, plan) for name, pool in sorted(plan.pools.items())))


def cost_output(cost: Cost) -> dict[str, Any]:
    """The stack's output `cost`, with which the next preview is compared. USD per hour, as text."""
    return {
        "usd_per_hour": str(cost.usd_per_hour),
        "endpoints": {name: f"{usd:.4f}" for name, usd in cost.endpoints.items()},
        "nodes": {pool.pool: nodes_text(pool) for pool in cost.pools},
        "prices_of": list(cost.price_dates),
    }


def nodes_text(pool: PoolCost) -> str:
    """`3 x g6e.12xlarge`; of nodes that nobody counts, their GPU alone."""
    return f"{pool.nodes} x {pool.instance_type}" if pool.nodes else pool.instance_type


def _pool_cost(name: str, pool: BackEnd, plan: Plan) -> PoolCost:
    members = tuple(endpoint for endpoint in plan.endpoints if endpoint.pool == name)
    if isinstance(pool, ExistingNodes):
        return PoolCost(name, 0, pool.gpu.short_name, None, Decimal(0), {}, None, "nodes that somebody else pays")
    region = _region(pool)
    kind, nodes = _assumed_by_karpenter(pool, members) if isinstance(pool, KarpenterNodes) else _nodes(pool, members)
    price = kind.prices.get(region)
    if price is None:
        why = f"the catalogue has no on-demand price of {kind.name} in {region}"
        return PoolCost(name, nodes, kind.name, None, Decimal(0), {}, None, why)
    a_gpu = price.usd_per_hour / kind.gpu_count
    shares = {endpoint.name: a_gpu * endpoint.gpu_total for endpoint in members}
    total = price.usd_per_hour * nodes
    used = sum(shares.values(), Decimal(0))
    if used > total:  # replicas that stay Pending cost nothing
        shares = {endpoint: usd * total / used for endpoint, usd in shares.items()}
    idle = max(total - used, Decimal(0))
    note = "; ".join(_notes(pool, region, price.source)) or None
    return PoolCost(name, nodes, kind.name, total, idle, shares, price.date, note)


def _nodes(pool: SimulatedNodes | EksNodeGroup, members: tuple[EndpointPlan, ...]) -> tuple[InstanceType, int]:
    kind = pool.instance_type
    if isinstance(pool, SimulatedNodes) or pool.max_node_count is None:
        return kind, pool.node_count
    return kind, min(max(_filled(kind, members), pool.node_count), pool.max_node_count)


def _assumed_by_karpenter(pool: KarpenterNodes, members: tuple[EndpointPlan, ...]) -> tuple[InstanceType, int]:
    """The one type whose nodes hold all replicas for the least. Karpenter itself looks at bundles of pods as they come.

    Types without a price come last, so that one of them is named where none has a price.
    """
    largest = max((endpoint.gpus_per_node for endpoint in members), default=1)

    def cost(kind: InstanceType) -> tuple[bool, Decimal, str]:
        price = kind.prices.get(pool.region)
        total = Decimal(0) if price is None else price.usd_per_hour * _filled(kind, members)
        return price is None, total, kind.name

    kind = min((kind for kind in pool.allowed if kind.gpu_count >= largest), key=cost)
    return kind, min(_filled(kind, members), pool.gpu_limit // kind.gpu_count)


def _filled(kind: InstanceType, members: tuple[EndpointPlan, ...]) -> int:
    """Nodes that the replicas fill."""
    return -(-sum(endpoint.gpu_total for endpoint in members) // kind.gpu_count)


def _region(pool: BackEnd) -> str:
    return pool.region if isinstance(pool, EksNodeGroup | KarpenterNodes) else PRICE_REGION


def _notes(pool: BackEnd, region: str, source: str) -> Iterator[str]:
    if isinstance(pool, SimulatedNodes):
        yield f"simulated; what it would cost in {region}"
    elif isinstance(pool, EksNodeGroup):
        if pool.capacity_type is CapacityType.SPOT:
            yield "spot: at most this, the on-demand price"
        if pool.capacity_type is CapacityType.CAPACITY_BLOCK:
            yield "a capacity block is paid in advance; this is the on-demand price"
        if pool.autoscaled:
            yield f"an autoscaler decides, between {pool.node_count} and {pool.max_node_count} nodes"
    elif isinstance(pool, KarpenterNodes):
        if Market.SPOT in pool.markets:
            yield "spot: at most this, the on-demand price"
        names = ", ".join(kind.name for kind in pool.allowed)
        yield f"Karpenter decides, among {names}, up to {pool.gpu_limit} GPUs"
    if source == "derived-ratio":
        yield f"estimated for {region} from another size of the family"
