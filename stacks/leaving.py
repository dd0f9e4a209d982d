"""Caches that are in the state, protected, and not in the plan: the engine would refuse, after it has done the rest."""

from collections.abc import Iterator, Mapping
from typing import Any

from stacks.faults import Fault
from stacks.plan import Plan
from stacks.settings import PROJECT
from stacks.stack_file import stack_file_name

CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
CACHE = "nim:storage:ModelCache"


def leaving_caches(plan: Plan, state: Mapping[str, Any]) -> Iterator[Fault]:  # Any: JSON
    """One fault a claim, by the key where it would stay. `state` is a deployment as `pulumi stack export` shows it."""
    file, planned = stack_file_name(plan.stack), {one.name: one for one in plan.endpoints}
    for resource in state.get("resources", ()):
        types, _, endpoint = str(resource.get("parent", "")).rpartition("::")
        if resource["type"] != CLAIM or not types.endswith(CACHE) or not resource.get("protect"):
            continue
        claim = resource["inputs"]["metadata"]["name"]
        one = planned.get(endpoint)
        if one is None:
            yield Fault(file, f"{PROJECT}:endpoints", f"lacks {endpoint}, whose cache {claim} is protected; {LET_GO}")
        elif claim not in {one.claim_name, *(kept.name for kept in one.kept_claims)}:
            key, found = f"{PROJECT}:endpoints.{endpoint}.keep_caches", f"lacks {claim}, which is in use and protected"
            yield Fault(file, key, f"{found}; write it there to keep it for a way back, or {LET_GO}")


LET_GO = f"bring the stack up with {PROJECT}:caches.protect false first"
