"""Placement groups: instances of one lie close together."""

from botocore.exceptions import ClientError  # type: ignore[import-untyped]  # it makes its clients at run time

from nim_sandbox.aws_plugin.kind import Clients, Gone, Kind, Made, Values
from nim_sandbox.aws_plugin.parameters import parameters
from nim_sandbox.aws_plugin.tags import retag

_NAMES = {"name": "GroupName"}


def _parameters(inputs: Values) -> Values:
    wish = {key: inputs[key] for key in ("name", "strategy")}
    if inputs.get("tags"):
        wish["tagSpecifications"] = [{"resourceType": "placement-group", "tags": inputs["tags"]}]
    return parameters("ec2", "CreatePlacementGroup", wish, _NAMES)


def _create(clients: Clients, inputs: Values) -> Made:
    made = clients("ec2").create_placement_group(**_parameters(inputs))["PlacementGroup"]
    return inputs["name"], {"placementGroupId": made["GroupId"]}


def _read(clients: Clients, name: str, state: Values) -> Values:
    try:
        (found,) = clients("ec2").describe_placement_groups(GroupNames=[name])["PlacementGroups"]
    except (ClientError, ValueError):
        raise Gone from None
    return {**state, "name": name, "strategy": found["Strategy"], "placementGroupId": found["GroupId"]}


def _update(clients: Clients, _id: str, old: Values, inputs: Values) -> Values:
    retag(clients("ec2"), old["placementGroupId"], old, inputs)
    return {"placementGroupId": old["placementGroupId"]}


def _delete(clients: Clients, name: str, state: Values) -> None:
    del state
    try:
        clients("ec2").delete_placement_group(GroupName=name)
    except ClientError as error:
        if "InvalidPlacementGroup.Unknown" not in str(error):
            raise


PLACEMENT_GROUP = Kind(
    inputs=frozenset({"name", "strategy", "tags"}),
    required=frozenset({"name", "strategy"}),
    replaced_by=frozenset({"name", "strategy"}),
    computed=frozenset({"placementGroupId"}),
    moved_by={"placementGroupId": frozenset()},
    check=_parameters,
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
)
