"""Which nodes the node groups of the simulated account mean. Pure: asks nobody."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from nim_sandbox.nodes import simulated_node

NODE_GROUP_LABEL = "eks.amazonaws.com/nodegroup"
EFFECTS = {
    "NO_SCHEDULE": "NoSchedule",
    "NO_EXECUTE": "NoExecute",
    "PREFER_NO_SCHEDULE": "PreferNoSchedule",
}
"""Kubernetes' spelling by EKS's."""

Node = dict[str, Any]  # a Kubernetes object in wire format
Group = Mapping[str, Any]  # a node group as EKS describes it: JSON


@dataclass(frozen=True, slots=True)
class Zone:
    """Where a subnet lies."""

    name: str
    id: str


def wanted_nodes(groups: Iterable[Group], zones: Mapping[str, Zone]) -> dict[str, Node]:
    """By name. `groups` with the instance type filled in; `zones` by subnet id."""
    return {
        node["metadata"]["name"]: node
        for group in groups
        if group["status"] == "ACTIVE"
        for node in _nodes(group, zones)
    }


def _nodes(group: Group, zones: Mapping[str, Zone]) -> Iterable[Node]:
    places = [zones[subnet] for subnet in sorted(group["subnets"])]
    for number in range(group["scalingConfig"]["desiredSize"]):
        zone = places[number % len(places)]
        labels = {
            NODE_GROUP_LABEL: group["nodegroupName"],
            "eks.amazonaws.com/capacityType": group["capacityType"],
            "topology.k8s.aws/zone-id": zone.id,
            **_template_labels(group.get("launchTemplate", {})),
            **group.get("labels", {}),
        }
        node = simulated_node(group["instanceTypes"][0], f"{group['nodegroupName']}-{number}", zone.name, labels)
        # Only what the node group says: EKS adds no taint of its own.
        node["spec"]["taints"] = [
            {"key": one["key"], "value": one.get("value", ""), "effect": EFFECTS[one["effect"]]}
            for one in group.get("taints", ())
        ]
        yield node


def _template_labels(template: Mapping[str, str]) -> dict[str, str]:
    named = {
        "id": "eks.amazonaws.com/sourceLaunchTemplateId",
        "version": "eks.amazonaws.com/sourceLaunchTemplateVersion",
    }
    return {label: template[key] for key, label in named.items() if key in template}
