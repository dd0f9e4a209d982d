"""Which objects the engine is to import, by what its own preview would create."""

from collections.abc import Mapping
from typing import Any

from stacks.plan import Plan

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
SERVICE = "kubernetes:core/v1:Service"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
NAMESPACE = "kubernetes:core/v1:Namespace"


def import_ids(plan: Plan) -> dict[tuple[str, str], str]:
    """Id by type and name of the resource: everything that endpoints take over, and the namespace that it lies in."""
    ids = {
        (kind, resource): f"{plan.namespace}/{name}"
        for one in plan.endpoints
        for kind, resource, name in (
            (DEPLOYMENT, one.name, one.adopted.deployment),
            (SERVICE, one.name, one.adopted.service),
            (CLAIM, one.claim_name, one.adopted.claim),
        )
        if name is not None
    }
    return {**ids, (NAMESPACE, plan.namespace): plan.namespace} if ids else ids


def import_file(preview: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
    """For `pulumi import --file`. `preview` is what `pulumi preview --import-file` wrote: all that would be created.

    What is in the state already is not among it, so nothing is imported twice. Empty of resources where nothing is left
    but the namespace.
    """
    ids, resources = import_ids(plan), preview.get("resources", [])
    named = {one["name"]: one for one in resources}
    wanted = {
        one["name"]: {**one, "id": ids[key]}
        for one in resources
        if (key := (one["type"], one.get("logicalName", one["name"]))) in ids
    }
    if all(one["type"] == NAMESPACE for one in wanted.values()):
        wanted = {}
    parents: set[str] = set()
    for one in wanted.values():
        while (parent := str(one.get("parent"))) in named:
            parents.add(parent)
            one = named[parent]  # noqa: PLW2901 - up to the top
    kept = [wanted.get(name, one) for name, one in named.items() if name in wanted or name in parents]
    return {**preview, "resources": kept}
