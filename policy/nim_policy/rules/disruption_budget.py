"""A drain takes a server's pods one at a time, and is never held up for good."""

from collections.abc import Iterator, Sequence

from nim_policy.facts import StackFacts
from nim_policy.planned import Planned, Props, dig, mapping, whole
from nim_policy.rule import Finding, Rule, Scope
from nim_policy.workload import Server, servers


def check(resources: Sequence[Planned], facts: StackFacts) -> Iterator[Finding]:
    del facts
    budgets = [one for one in resources if one.kind == "PodDisruptionBudget"]
    for server in servers(resources):
        own = [one.props for one in budgets if one.namespace == server.of.namespace and _selects(one.props, server)]
        if not own:
            yield Finding(server.of, "has no PodDisruptionBudget, so a drain may take all its pods; make one")
        elif stuck := [one for one in own if _never(one, server)]:
            name = dig(stuck[0], "metadata", "name")
            yield Finding(server.of, f"PodDisruptionBudget {name} lets no pod go, so a drain never ends; allow one")


def _selects(budget: Props, server: Server) -> bool:
    """Whether it covers every pod of the server; selectors by expression are not read."""
    wanted = mapping(dig(budget, "spec", "selector", "matchLabels"))
    return bool(wanted) and all(wanted.items() <= dict(pods.labels).items() for pods in server.pods)


def _never(budget: Props, server: Server) -> bool:
    spec = mapping(budget.get("spec"))
    if "maxUnavailable" in spec:
        return spec["maxUnavailable"] in ("0", "0%") or whole(spec["maxUnavailable"]) == 0
    least = spec.get("minAvailable")
    return least == "100%" or (whole(least) or 0) >= server.pod_count


RULE = Rule(
    name="disruption-budget",
    title="Every server has a PodDisruptionBudget that lets a drain end.",
    scope=Scope.STACK,
    check=check,
)
