"""Who owns the fields of an object: taking over from whoever wrote it before, so that what we do not say goes."""

from collections.abc import Mapping, Sequence
from typing import Any

from lightkube import Client
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import PersistentVolumeClaim, Service
from lightkube.types import PatchType

from pulumi_nim.adopted import FIELD_MANAGER
from stacks.imports import CLAIM, DEPLOYMENT, SERVICE

KINDS: Mapping[str, type[Deployment | Service | PersistentVolumeClaim]] = {
    DEPLOYMENT: Deployment,
    SERVICE: Service,
    CLAIM: PersistentVolumeClaim,
}
CONTROLLERS = frozenset({"kube-controller-manager", "kubelet"})
"""They go on writing their own fields, such as a Deployment's revision."""
NOBODYS = ("f:finalizers", "f:ownerReferences")
"""Metadata that admission adds in the name of whoever wrote the object: not ours to take away."""


def take_over(api: Client, kind: str, resource_id: str) -> None:
    """Makes us the owner of an object's fields; changes nothing else. `resource_id` is `namespace/name`."""
    namespace, _, name = resource_id.partition("/")
    found = api.get(KINDS[kind], name, namespace=namespace).to_dict()["metadata"]
    owned = sole_owner(found.get("managedFields", []))
    patch = [
        {"op": "test", "path": "/metadata/resourceVersion", "value": found["resourceVersion"]},
        {"op": "replace", "path": "/metadata/managedFields", "value": owned},
    ]
    api.patch(KINDS[kind], name, patch, namespace=namespace, patch_type=PatchType.JSON)


def sole_owner(managed: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """`metadata.managedFields` with our manager in place of all others but controllers and those of subresources.

    Server-side apply removes a field only once nobody else owns it. Format: Kubernetes' FieldsV1, a tree of field
    names (`f:`), list keys (`k:`) and values (`v:`).
    """
    kept = [dict(one) for one in managed if _stays(one)]
    ours = [one for one in managed if not _stays(one)]
    if not ours:
        return kept
    fields: dict[str, Any] = {}
    for one in ours:
        fields = _union(fields, one.get("fieldsV1") or {})
    if "f:metadata" in fields:
        fields["f:metadata"] = {key: below for key, below in fields["f:metadata"].items() if key not in NOBODYS}
    last = max(ours, key=lambda one: str(one.get("time", "")))
    return [
        {
            "manager": FIELD_MANAGER,
            "operation": "Apply",
            "apiVersion": last["apiVersion"],
            "time": last.get("time"),
            "fieldsType": "FieldsV1",
            "fieldsV1": fields,
        },
        *kept,
    ]


def _stays(managed: Mapping[str, Any]) -> bool:
    return bool(managed.get("subresource")) or managed.get("manager") in CONTROLLERS


def _union(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _union(one.get(key, {}), other.get(key, {})) for key in sorted(one.keys() | other.keys())}
