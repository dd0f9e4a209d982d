"""EKS managed node groups; the simulated account's node maker makes their nodes."""

import time

from nim_sandbox.aws_plugin.kind import Clients, Gone, Kind, Made, Values
from nim_sandbox.aws_plugin.parameters import BadParameters, parameters

ACTIVE_SECONDS = 60.0
"""moto's node groups are active at once."""
_NAMES = {"nodeGroupName": "nodegroupName", "nodeRoleArn": "nodeRole", "subnetIds": "subnets"}
_CONFIG = frozenset({"scalingConfig", "updateConfig", "labels", "taints"})
_REPLACED_BY = frozenset(
    {
        "amiType",
        "capacityType",
        "clusterName",
        "instanceTypes",
        "nodeGroupName",
        "nodeRoleArn",
        "subnetIds",
    }
)
"""Source: the Terraform provider's node_group.go, ForceNew."""


def _check(inputs: Values) -> None:
    """What EKS refuses and botocore does not know."""
    if "instanceTypes" not in inputs and "launchTemplate" not in inputs:
        raise BadParameters("CreateNodegroup: without instanceTypes and launchTemplate EKS would take t3.medium")
    sizes = inputs["scalingConfig"]
    if not sizes["minSize"] <= sizes["desiredSize"] <= sizes["maxSize"]:
        raise BadParameters(f"CreateNodegroup: desiredSize must lie between minSize and maxSize, found {sizes}")
    parameters("eks", "CreateNodegroup", inputs, _NAMES)


def _create(clients: Clients, inputs: Values) -> Made:
    eks = clients("eks")
    made = eks.create_nodegroup(**parameters("eks", "CreateNodegroup", inputs, _NAMES))["nodegroup"]
    name = {"clusterName": inputs["clusterName"], "nodegroupName": inputs["nodeGroupName"]}
    deadline = time.monotonic() + ACTIVE_SECONDS
    while made["status"] != "ACTIVE":
        if made["status"] == "CREATE_FAILED" or time.monotonic() > deadline:
            raise RuntimeError(f"node group {name['nodegroupName']} is {made['status']}: {made['health']}")
        time.sleep(0.5)
        made = eks.describe_nodegroup(**name)["nodegroup"]
    return f"{inputs['clusterName']}:{inputs['nodeGroupName']}", _outputs(made)


def _outputs(made: Values) -> Values:
    groups = made["resources"]["autoScalingGroups"]
    return {
        "arn": made["nodegroupArn"],
        "status": made["status"],
        "resources": [{"autoscalingGroups": [{"name": one["name"]} for one in groups]}],
    }


def _read(clients: Clients, group_id: str, state: Values) -> Values:
    """Sizes, labels and taints are the account's; of the rest moto forgets too much to be believed."""
    cluster, _, name = group_id.partition(":")
    eks = clients("eks")
    try:
        found = eks.describe_nodegroup(clusterName=cluster, nodegroupName=name)["nodegroup"]
    except eks.exceptions.ResourceNotFoundException:
        raise Gone from None
    live = {key: found[key] for key in ("scalingConfig", "labels", "taints") if found.get(key)}
    return {**state, "clusterName": cluster, "nodeGroupName": name, **live, **_outputs(found)}


def _update(clients: Clients, group_id: str, old: Values, inputs: Values) -> Values:
    cluster, _, name = group_id.partition(":")
    eks = clients("eks")
    place = {"clusterName": cluster, "nodegroupName": name}
    changed = {key for key in old.keys() | inputs.keys() if old.get(key) != inputs.get(key)}
    wish: Values = {key: inputs[key] for key in ("scalingConfig", "updateConfig") if key in changed & inputs.keys()}
    if "labels" in changed:
        before, after = old.get("labels", {}), inputs.get("labels", {})
        wish["labels"] = {"addOrUpdateLabels": after, "removeLabels": sorted(before.keys() - after.keys())}
    if "taints" in changed:
        before, after = old.get("taints", []), inputs.get("taints", [])
        wish["taints"] = {"addOrUpdateTaints": after, "removeTaints": [one for one in before if one not in after]}
    if wish:
        eks.update_nodegroup_config(**parameters("eks", "UpdateNodegroupConfig", {**place, **wish}))
    if "tags" in changed:
        before, after = old.get("tags", {}), inputs.get("tags", {})
        if removed := sorted(before.keys() - after.keys()):
            eks.untag_resource(resourceArn=old["arn"], tagKeys=removed)
        eks.tag_resource(resourceArn=old["arn"], tags=after)
    if "launchTemplate" in changed:
        roll = {**place, "launchTemplate": inputs["launchTemplate"]}
        eks.update_nodegroup_version(**parameters("eks", "UpdateNodegroupVersion", roll))
    return _outputs(eks.describe_nodegroup(**place)["nodegroup"])


def _delete(clients: Clients, group_id: str, state: Values) -> None:
    del state
    cluster, _, name = group_id.partition(":")
    eks = clients("eks")
    try:
        eks.delete_nodegroup(clusterName=cluster, nodegroupName=name)
    except eks.exceptions.ResourceNotFoundException:
        return


NODE_GROUP = Kind(
    inputs=_REPLACED_BY | _CONFIG | {"launchTemplate", "tags"},
    required=frozenset({"clusterName", "nodeGroupName", "nodeRoleArn", "scalingConfig", "subnetIds"}),
    replaced_by=_REPLACED_BY,
    computed=frozenset({"arn", "status", "resources"}),
    moved_by={},
    check=_check,
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
)
