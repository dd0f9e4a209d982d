"""What moto 5.2.5 lacks of managed node groups and the program needs.

Their tags, another version of their template, tags of their autoscaling groups, and placement groups.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from moto.autoscaling.models import autoscaling_backends
from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.responses import EC2Response
from moto.eks.models import EKSBackend
from moto.eks.responses import EKSResponse
from moto.eks.urls import url_paths

PATH = "{0}/clusters/(?P<name>[^/]+)/node-groups/(?P<nodegroupName>[^/]+)/update-version$"
ACTION = "update_nodegroup_version"
Moto = Any  # moto's classes, whose methods and helpers have no types


def fill() -> None:
    """Once, before the server starts."""
    if hasattr(EKSResponse, ACTION):
        raise RuntimeError("moto has UpdateNodegroupVersion of its own by now: take ours out of moto_gaps.py")
    setattr(EKSResponse, ACTION, _update_nodegroup_version)
    url_paths[PATH] = EKSResponse.dispatch
    _also_for_node_groups("tag_resource", lambda tags, added: tags.update(added))
    _also_for_node_groups("untag_resource", lambda tags, keys: [tags.pop(key, None) for key in keys])
    _with_autoscaling_groups()
    for method in (create_placement_group, describe_placement_groups, delete_placement_group):
        if hasattr(EC2Response, method.__name__):
            raise RuntimeError("moto has placement groups of its own by now: take ours out of moto_gaps.py")
        setattr(EC2Response, method.__name__, method)


def _update_nodegroup_version(self: Moto) -> ActionResult:
    """For launch templates; done at once, and no node is renewed."""
    group = self.eks_backend.describe_nodegroup(
        cluster_name=self._get_param("name"), nodegroup_name=self._get_param("nodegroupName")
    )
    group.launch_template = {**(group.launch_template or {}), **(self._get_param("launchTemplate") or {})}
    update = {"id": str(uuid4()), "status": "Successful", "type": "VersionUpdate", "params": [], "errors": []}
    return ActionResult({"update": update})


def _also_for_node_groups(method: str, change: Callable[[dict[str, str], Moto], object]) -> None:
    """`change` gets a node group's tags and what the request names; clusters stay with moto's own method."""
    of_clusters = getattr(EKSBackend, method)

    def wrapped(self: Moto, resource_arn: str, wanted: Moto) -> None:
        for cluster in self.clusters.values():
            for group in cluster.nodegroups.values():
                if group.arn == resource_arn:
                    change(group.tags, wanted if isinstance(wanted, dict | list) else [wanted])
                    return
        of_clusters(self, resource_arn, wanted)

    setattr(EKSBackend, method, wrapped)


def _with_autoscaling_groups() -> None:
    """A node group's autoscaling group is a name only; it gets tags, with those that EKS itself sets."""
    create, delete = EKSBackend.create_nodegroup, EKSBackend.delete_nodegroup

    def groups(self: Moto) -> dict[str, Moto]:
        found: dict[str, Moto] = autoscaling_backends[self.account_id][self.region_name].autoscaling_groups
        return found

    def created(self: Moto, cluster_name: str, *args: Moto, **more: Moto) -> Moto:
        made = create(self, cluster_name, *args, **more)
        for name in _names(made):
            tag = {"ResourceId": name, "ResourceType": "auto-scaling-group", "PropagateAtLaunch": "true"}
            keys = {"enabled": "true", cluster_name: "owned"}
            tags = [{**tag, "Key": f"k8s.io/cluster-autoscaler/{key}", "Value": value} for key, value in keys.items()]
            groups(self)[name] = SimpleNamespace(name=name, tags=tags)
        return made

    def deleted(self: Moto, *args: Moto, **more: Moto) -> Moto:
        gone = delete(self, *args, **more)
        for name in _names(gone):
            groups(self).pop(name, None)
        return gone

    EKSBackend.create_nodegroup = created  # type: ignore[method-assign]  # a gap is filled where it is
    EKSBackend.delete_nodegroup = deleted  # type: ignore[method-assign]  # as above


def _names(group: Moto) -> list[str]:
    return [named["name"] for named in group.resources["autoScalingGroups"]]


def create_placement_group(self: Moto) -> ActionResult:
    name = self._get_param("GroupName")
    if name in _placement_groups(self):
        raise EC2ClientError("InvalidPlacementGroup.Duplicate", f"The placement group '{name}' already exists.")
    tags = self._parse_tag_specification().get("placement-group", {})
    made = {
        "GroupName": name,
        "GroupId": f"pg-{uuid4().hex[:17]}",
        "State": "available",
        "Strategy": self._get_param("Strategy"),
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }
    _placement_groups(self)[name] = made
    return ActionResult({"PlacementGroup": made})


def describe_placement_groups(self: Moto) -> ActionResult:
    known = _placement_groups(self)
    names = self._get_param("GroupNames") or [*known]
    _require_placement_groups(self, names)
    return ActionResult({"PlacementGroups": [known[name] for name in names]})


def delete_placement_group(self: Moto) -> ActionResult:
    name = self._get_param("GroupName")
    _require_placement_groups(self, [name])
    del _placement_groups(self)[name]
    return ActionResult({})


def _require_placement_groups(self: Moto, names: list[str]) -> None:
    if unknown := [name for name in names if name not in _placement_groups(self)]:
        raise EC2ClientError("InvalidPlacementGroup.Unknown", f"The Placement Group '{unknown[0]}' is unknown.")


def _placement_groups(self: Moto) -> dict[str, dict[str, Moto]]:
    """By name; they live as long as the account."""
    found: dict[str, dict[str, Moto]] = vars(self.ec2_backend).setdefault("placement_groups", {})
    return found
