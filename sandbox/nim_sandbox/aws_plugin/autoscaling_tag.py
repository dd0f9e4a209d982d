"""Tags of the autoscaling groups that EKS makes for node groups."""

from nim_sandbox.aws_plugin.kind import Clients, Gone, Kind, Made, Values
from nim_sandbox.aws_plugin.parameters import parameters


def _wish(inputs: Values) -> Values:
    tag = {**inputs["tag"], "resourceId": inputs["autoscalingGroupName"], "resourceType": "auto-scaling-group"}
    return parameters("autoscaling", "CreateOrUpdateTags", {"tags": [tag]})


def _put(clients: Clients, inputs: Values) -> None:
    clients("autoscaling").create_or_update_tags(**_wish(inputs))


def _create(clients: Clients, inputs: Values) -> Made:
    _put(clients, inputs)
    return f"{inputs['autoscalingGroupName']},{inputs['tag']['key']}", {}


def _read(clients: Clients, tag_id: str, state: Values) -> Values:
    group, _, key = tag_id.partition(",")
    filters = [{"Name": "auto-scaling-group", "Values": [group]}, {"Name": "key", "Values": [key]}]
    found = clients("autoscaling").describe_tags(Filters=filters)["Tags"]
    if not found:
        raise Gone
    tag = {"key": key, "value": found[0]["Value"], "propagateAtLaunch": found[0]["PropagateAtLaunch"]}
    return {**state, "autoscalingGroupName": group, "tag": tag}


def _update(clients: Clients, _id: str, _old: Values, inputs: Values) -> Values:
    _put(clients, inputs)
    return {}


def _delete(clients: Clients, tag_id: str, state: Values) -> None:
    try:
        _read(clients, tag_id, state)
    except Gone:
        return
    group, _, key = tag_id.partition(",")
    tag = {"ResourceId": group, "ResourceType": "auto-scaling-group", "Key": key}
    clients("autoscaling").delete_tags(Tags=[tag])


TAG = Kind(
    inputs=frozenset({"autoscalingGroupName", "tag"}),
    required=frozenset({"autoscalingGroupName", "tag"}),
    # A changed key is another tag too; the program never changes one, for keys are part of the resources' names.
    replaced_by=frozenset({"autoscalingGroupName"}),
    computed=frozenset(),
    moved_by={},
    check=_wish,
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
)
