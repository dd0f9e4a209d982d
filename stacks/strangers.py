"""Objects of others under the names of ours: the engine would take them over without a word, and delete them with ours.

The provider is told to take back what is there, for the sake of an up that was killed (docs/decisions/0001). It cannot
tell whose that was; the state can.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_nim.karpenter.nodes import KarpenterNodes
from stacks.faults import Fault
from stacks.plan import Plan
from stacks.settings import PROJECT


@dataclass(frozen=True, slots=True)
class Made:
    """One object that a stack makes, and by which the rest of its endpoint or pool is known."""

    key: str
    """Of the stack file: what would have to be named otherwise."""
    api: str
    """`apps/v1`."""
    kind: str
    name: str
    namespace: str | None
    """None for an object of the whole cluster."""

    @property
    def type(self) -> str:
        """In the engine's state."""
        return f"kubernetes:{self.api}:{self.kind}"

    @property
    def path(self) -> str:
        inside = f"namespaces/{self.namespace}/" if self.namespace else ""
        return f"/apis/{self.api}/{inside}{self.kind.lower()}s/{self.name}"

    def taken(self, file: str) -> Fault:
        """Where one is there that is not ours."""
        fix = "choose another name"
        if self.namespace:
            fix += f", or another {PROJECT}:namespace, or take it over (docs/adoption.md)"
        found = f"is also the name of a {self.kind} in the cluster that is no part of this stack"
        return Fault(file, self.key, f"{found}, and would be taken over; {fix}")


def made(plan: Plan) -> Iterator[Made]:
    """But for what is taken over on purpose."""
    for one in plan.endpoints:
        key = f"{PROJECT}:endpoints.{one.name}"
        if one.group is not None:
            yield Made(key, "leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet", one.name, plan.namespace)
        elif one.adopted.deployment is None:
            yield Made(key, "apps/v1", "Deployment", one.name, plan.namespace)
    for name, pool in plan.pools.items():
        if isinstance(pool, KarpenterNodes):
            yield Made(f"{PROJECT}:pools.{name}", "karpenter.sh/v1", "NodePool", name, None)


def unknown(plan: Plan, state: Mapping[str, Any]) -> tuple[Made, ...]:  # Any: JSON
    """What `state`, a deployment as `pulumi stack export` shows it, has neither made nor begun to make.

    Whatever of it is in the cluster already is somebody else's.
    """
    begun = [one["resource"] for one in state.get("pending_operations") or ()]
    known = {
        (one["type"], one.get("inputs", {}).get("metadata", {}).get("name"))
        for one in (*(state.get("resources") or ()), *begun)
    }
    return tuple(one for one in made(plan) if (one.type, one.name) not in known)
