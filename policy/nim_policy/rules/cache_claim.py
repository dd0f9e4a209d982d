"""Weights lie on a claim that every pod of a server can mount where it lands."""

from collections.abc import Iterator, Mapping, Sequence

from nim_policy.facts import StackFacts
from nim_policy.planned import Planned, Props, dig, is_unknown, items
from nim_policy.rule import Finding, Rule, Scope
from nim_policy.workload import Pods, Server, servers

ONE_POD = {"ReadWriteOncePod"}
MANY_NODES = {"ReadWriteMany", "ReadOnlyMany"}
CACHE_VOLUME = "cache"
"""Name of the volume with the weights in the pods."""


def check(resources: Sequence[Planned], facts: StackFacts) -> Iterator[Finding]:
    claims = {
        (one.namespace, dig(one.props, "metadata", "name")): one.props
        for one in resources
        if one.kind == "PersistentVolumeClaim"
    }
    for server in servers(resources):
        known = facts.endpoints.get(server.endpoint)
        node_count = known.node_count if known else None
        for problem in sorted({why for pods in server.pods for why in _problems(server, pods, claims, node_count)}):
            yield Finding(server.of, problem)


def _problems(
    server: Server, pods: Pods, claims: Mapping[tuple[str | None, str | None], Props], node_count: int | None
) -> Iterator[str]:
    cache = next((one for one in pods.volumes if one.get("name") == CACHE_VOLUME), None)
    if cache is None or "persistentVolumeClaim" not in cache:
        found = "is none" if cache is None else "is no claim"
        yield f"volume {CACHE_VOLUME} {found}, so every start downloads anew; mount a PersistentVolumeClaim"
        return
    claim = dig(cache, "persistentVolumeClaim", "claimName")
    found_claim = claims.get((server.of.namespace, claim))
    if found_claim is None:
        return  # not known yet, or not of this stack
    modes = items(dig(found_claim, "spec", "accessModes"))
    if any(map(is_unknown, modes)) or MANY_NODES & {*modes}:
        return
    several_nodes = server.pod_count > 1 and node_count != 1
    if several_nodes or (ONE_POD.issuperset(modes) and server.pod_count > 1):
        where = "several nodes" if several_nodes else "one node"
        fix = "ReadWriteMany, with a storage class that gives it" if several_nodes else "ReadWriteOnce"
        yield f"claim {claim} is {', '.join(modes)}, but {server.pod_count} pods on {where} mount it; write {fix}"


RULE = Rule(
    name="cache-claim",
    title="Weights lie on a claim whose access mode suits the server's pods and nodes.",
    scope=Scope.STACK,
    check=check,
)
