"""What would be done to each resource, and how that follows from two programs' resources."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from nim_policy import Planned


class Operation(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    SAME = "same"


SHOWN = 3
"""Properties that a line names."""


@dataclass(frozen=True, slots=True)
class Change:
    operation: Operation
    resource: Planned
    """As it will be; of a deleted one, as it was."""
    owner: str | None
    """The endpoint or pool that it belongs to; None for what all share."""
    properties: tuple[str, ...] = ()
    """Paths that differ; of a replacement, those that force it."""

    def __str__(self) -> str:
        what = f"{self.operation} {self.resource.kind} {self.resource.name}"
        more = [f"{len(self.properties) - SHOWN} more"] if len(self.properties) > SHOWN else []
        return f"{what} ({', '.join((*self.properties[:SHOWN], *more))})" if self.properties else what


IMMUTABLE: Mapping[str, tuple[str, ...]] = {
    "kubernetes:core/v1:PersistentVolumeClaim": ("spec.accessModes", "spec.storageClassName"),
    "kubernetes:core/v1:ConfigMap": ("data", "binaryData"),
    "kubernetes:core/v1:Secret": ("data", "stringData", "type"),
    "kubernetes:apps/v1:Deployment": ("spec.selector",),
    "kubernetes:apps/v1:DaemonSet": ("spec.selector",),
    "aws:eks/nodeGroup:NodeGroup": (
        "amiType",
        "capacityType",
        "clusterName",
        "instanceTypes",
        "nodeGroupName",
        "nodeRoleArn",
        "subnetIds",
        "launchTemplate.name",
    ),
    "aws:iam/role:Role": ("name", "path"),
    "aws:ec2/launchTemplate:LaunchTemplate": ("name",),
    "aws:ec2/placementGroup:PlacementGroup": ("name", "strategy"),
}
"""Properties whose change makes a resource anew, of the types that this program makes: Kubernetes' immutable fields
(API reference v1.36), pulumi-kubernetes' rule for ConfigMaps and Secrets, and what the reference of Terraform's AWS
provider, on which Pulumi's stands, says forces a new resource."""
NAMES = ("metadata.name", "metadata.namespace")
"""Of every Kubernetes object."""


def change_of(old: Planned | None, new: Planned | None, owner: str | None) -> Change:
    """What carrying out `new` would do to `old`, one of which there is; no engine is asked."""
    one = new or old
    assert one is not None  # noqa: S101 - the caller's promise
    if old is None or new is None:
        return Change(Operation.CREATE if old is None else Operation.DELETE, one, owner)
    properties = tuple(sorted(_paths(old.props, new.props)))
    if forcing := tuple(path for path in properties if _forces(one, path)):
        return Change(Operation.REPLACE, one, owner, forcing)
    return Change(Operation.UPDATE if properties else Operation.SAME, one, owner, properties)


def _forces(one: Planned, path: str) -> bool:
    fixed = (*IMMUTABLE.get(one.type, ()), *(NAMES if one.kubernetes else ()))
    return any(path == field or path.startswith((f"{field}.", f"{field}[")) for field in fixed)


def _paths(old: Any, new: Any, path: str = "") -> Iterator[str]:  # Any: whatever a program may write
    """Where two values differ: as deep as both have the same shape."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in old.keys() | new.keys():
            yield from _paths(old.get(key), new.get(key), f"{path}.{key}" if path else str(key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for place, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _paths(one, other, f"{path}[{place}]")
    elif old != new:
        yield path
