"""What moto 5.2.5 lacks of managed node groups and the program needs: their tags, another version of their template."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from moto.core.responses import ActionResult
from moto.eks.models import EKSBackend
from moto.eks.responses import EKSResponse
from moto.eks.urls import url_paths

PATH = "{0}/clusters/(?P<name>[^/]+)/node-groups/(?P<nodegroupName>[^/]+)/update-version$"
ACTION = "update_nodegroup_version"


def fill() -> None:
    """Once, before the server starts."""
    if hasattr(EKSResponse, ACTION):
        raise RuntimeError("moto has UpdateNodegroupVersion of its own by now: take ours out of moto_gaps.py")
    setattr(EKSResponse, ACTION, _update_nodegroup_version)
    url_paths[PATH] = EKSResponse.dispatch
    _also_for_node_groups("tag_resource", lambda tags, added: tags.update(added))
    _also_for_node_groups("untag_resource", lambda tags, keys: [tags.pop(key, None) for key in keys])


def _update_nodegroup_version(self: Any) -> ActionResult:  # Any: EKSResponse, whose helpers have no types
    """For launch templates; done at once, and no node is renewed."""
    group = self.eks_backend.describe_nodegroup(
        cluster_name=self._get_param("name"), nodegroup_name=self._get_param("nodegroupName")
    )
    group.launch_template = {**(group.launch_template or {}), **(self._get_param("launchTemplate") or {})}
    update = {"id": str(uuid4()), "status": "Successful", "type": "VersionUpdate", "params": [], "errors": []}
    return ActionResult({"update": update})


def _also_for_node_groups(method: str, change: Callable[[dict[str, str], Any], object]) -> None:
    """`change` gets a node group's tags and what the request names; clusters stay with moto's own method."""
    of_clusters = getattr(EKSBackend, method)

    def wrapped(self: Any, resource_arn: str, wanted: Any) -> None:
        for cluster in self.clusters.values():
            for group in cluster.nodegroups.values():
                if group.arn == resource_arn:
                    change(group.tags, wanted if isinstance(wanted, dict | list) else [wanted])
                    return
        of_clusters(self, resource_arn, wanted)

    setattr(EKSBackend, method, wrapped)
