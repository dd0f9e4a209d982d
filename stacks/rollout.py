"""How a change of an endpoint rolls out: the new replica first where there is room for it, else the old one ends first.

Worst case throughout: the scheduler packs nothing, so room counts only where no placement of the pods can take it away.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

GROUPS_DRAIN = "a group of several nodes ends before its successor starts"
"""LeaderWorkerSet v0.8.0 with maxSurge 1 and maxUnavailable 0 never takes the first step of a change: the group that it
would add counts as taken away already (rollingUpdateParameters in its leaderworkerset_controller.go, read 2026-11)."""


class Strategy(StrEnum):
    SURGE = "surge"
    """A new replica starts and is ready before an old one ends."""
    DRAIN = "drain"
    """An old replica ends before its successor starts."""


@dataclass(frozen=True, slots=True)
class Decision:
    strategy: Strategy
    because: str
    """A clause."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """What every change of the pods costs in service."""

    strategy: Strategy
    because: str
    replicas: int
    seconds_per_replica: int
    """From the first request that an old replica no longer takes to the first that its successor answers; estimate."""

    @property
    def downtime_seconds(self) -> int:
        """In which nothing serves."""
        return self.reduced_seconds if self.replicas == 1 else 0

    @property
    def reduced_seconds(self) -> int:
        """In which one replica less than wanted serves."""
        return 0 if self.strategy is Strategy.SURGE else self.replicas * self.seconds_per_replica

    def __str__(self) -> str:
        if self.strategy is Strategy.SURGE:
            return f"starts a new replica before an old one ends ({self.because}): no downtime"
        if self.replicas == 1:
            return f"ends its replica before it starts the new one ({self.because}): down for {self.downtime_seconds} s"
        left = f"{self.replicas - 1} of {self.replicas}"
        return f"ends one replica after the other ({self.because}): {left} serve for {self.reduced_seconds} s"


@dataclass(frozen=True, slots=True)
class Nodes:
    """Those of one pool."""

    pool: str
    count: int | None
    """At most; None where somebody else decides."""
    gpus_per_node: int | None


@dataclass(frozen=True, slots=True)
class Tenant:
    """An endpoint, as its pool sees it."""

    endpoint: str
    replicas: int
    pods_per_replica: int
    gpus_per_pod: int
    shares_cache: bool
    """Whether pods on two nodes can mount its cache."""
    wanted: Strategy | None
    """What the stack file says."""


def decide(nodes: Nodes, tenants: Sequence[Tenant]) -> Mapping[str, Decision]:
    """By endpoint. All may roll at once: what one surge takes, the next one lacks; single replicas have the choice."""
    decisions: dict[str, Decision] = {}
    placed = [pod for tenant in tenants for pod in _pods(tenant, tenant.replicas)]
    for tenant in sorted(tenants, key=lambda one: (one.wanted is None, one.replicas, one.endpoint)):
        decision = _decide(nodes, tenant, placed)
        if decision.strategy is Strategy.SURGE:
            placed += _pods(tenant, 1)
        decisions[tenant.endpoint] = decision
    return decisions


def has_room(nodes: Nodes, placed: Sequence[int], gpus_per_pod: int) -> bool:
    """Whether one more pod fits however those in `placed`, by their GPUs, are spread. False where nobody knows."""
    if nodes.count is None or nodes.gpus_per_node is None:
        return False
    enough_to_block = nodes.gpus_per_node - gpus_per_pod + 1
    if enough_to_block <= 0:
        return False
    alone = sum(size >= enough_to_block for size in placed)
    together = sum(size for size in placed if size < enough_to_block) // enough_to_block
    return nodes.count > alone + together


def told(rollouts: Mapping[str, Rollout]) -> str:
    """For a preview, by endpoint."""
    return "\n".join(
        [
            "how a change of an endpoint rolls out (seconds are estimates)",
            *(f"  {name}: {one}" for name, one in rollouts.items()),
        ]
    )


def surge_faults(nodes: Nodes, tenants: Sequence[Tenant]) -> Iterator[tuple[str, str]]:
    """Endpoint and problem of every surge that the stack file asks for and that would never end."""
    placed = [pod for tenant in tenants for pod in _pods(tenant, tenant.replicas)]
    for tenant in tenants:
        if tenant.wanted is not Strategy.SURGE:
            continue
        if tenant.pods_per_replica > 1:
            yield tenant.endpoint, f"found surge, but {GROUPS_DRAIN}; leave the key out"
        elif nodes.count is not None and not has_room(nodes, placed, tenant.gpus_per_pod):
            found = f"found surge, but pool {nodes.pool} has no room for one more replica"
            yield tenant.endpoint, f"{found}; add a node to the pool, or leave the key out"


def _decide(nodes: Nodes, tenant: Tenant, placed: Sequence[int]) -> Decision:
    if tenant.pods_per_replica > 1:
        return Decision(Strategy.DRAIN, GROUPS_DRAIN)
    if tenant.wanted is not None:
        return Decision(tenant.wanted, "the stack file says so")
    if nodes.count is None:
        return Decision(Strategy.DRAIN, f"how many GPUs pool {nodes.pool} has is not known here")
    if not has_room(nodes, placed, tenant.gpus_per_pod):
        return Decision(Strategy.DRAIN, f"pool {nodes.pool} has no room for one more")
    if not tenant.shares_cache and nodes.count != 1:
        return Decision(Strategy.DRAIN, "only one node at a time can mount its cache")
    return Decision(Strategy.SURGE, f"pool {nodes.pool} has room for one more")


def _pods(tenant: Tenant, replicas: int) -> list[int]:
    """GPUs of each pod."""
    return [tenant.gpus_per_pod] * tenant.pods_per_replica * replicas
