"""What a change does to a running endpoint: who waits, what is downloaded again, what stays behind."""

from collections.abc import Iterator, Sequence

from stacks.plan import EndpointPlan
from stacks.report.changes import Change, Operation
from stacks.summary import LABELS, Difference, EndpointSummary, minutes

WORKLOADS = ("Deployment", "LeaderWorkerSet")
KEEP_PODS = (LABELS["replicas"], LABELS["cache_gib"])
"""Differences for which no pod is made anew."""
CLAIM = "PersistentVolumeClaim"
MADE_ANEW = (CLAIM, "Job")
"""Kinds whose replacement is told by what it means, or means nothing: a Job has run once it is done."""
NODES = ("Node", "NodeGroup")


def consequences(
    before: EndpointSummary | None, plan: EndpointPlan | None, found: Sequence[Difference], changes: Sequence[Change]
) -> Iterator[str]:
    """In whole sentences without the endpoint's name. `changes` are those of its resources, if they are known."""
    if plan is None:
        yield "it goes, and its URL with it; its cache stays in the cluster"
        return
    if before is None:
        yield f"it answers at most {minutes(plan.start_up_seconds)} after its pods have a node"
        return
    if before.claim != plan.claim_name or any(_remakes_claim(change) for change in changes):
        size = "" if plan.profile.download_bytes is None else f", {plan.profile.download_bytes / 10**9:.1f} GB"
        yield f"its weights are downloaded anew{size}, into another cache; the old one stays in the cluster"
    for change in changes:
        if change.operation is Operation.REPLACE and change.resource.kind not in MADE_ANEW:
            yield f"{change.resource.kind} {change.resource.name} is replaced, for {', '.join(change.properties)}"
    if any(one.what not in KEEP_PODS for one in found) or any(_rolls(change) for change in changes):
        yield f"its pods are replaced: it {plan.rollout}"


def _remakes_claim(change: Change) -> bool:
    return change.resource.kind == CLAIM and change.operation is Operation.REPLACE


def _rolls(change: Change) -> bool:
    """Whether pods are made anew, not only more or fewer of them."""
    if change.resource.kind not in WORKLOADS or change.operation not in (Operation.UPDATE, Operation.REPLACE):
        return False
    return change.operation is Operation.REPLACE or any("emplate" in path for path in change.properties)


def pool_consequences(changes: Sequence[Change]) -> Iterator[str]:
    """Of the resources of one pool."""
    for change in changes:
        one, nodes = change.resource, change.resource.kind in NODES
        if change.operation is Operation.REPLACE:
            lost = ": its nodes go, and all pods on them" if nodes else ""
            yield f"{one.kind} {one.name} is replaced, for {', '.join(change.properties)}{lost}"
        elif change.operation is Operation.DELETE and nodes:
            yield f"{one.kind} {one.name} goes, and all pods on it"
