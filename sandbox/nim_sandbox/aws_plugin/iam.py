"""Roles and the managed policies attached to them."""

from nim_sandbox.aws_plugin.kind import Clients, Gone, Kind, Made, Values
from nim_sandbox.aws_plugin.parameters import parameters

_ROLE_NAMES = {"name": "RoleName", "assumeRolePolicy": "AssumeRolePolicyDocument"}
_ATTACHMENT_NAMES = {"role": "RoleName"}


def _create_role(clients: Clients, inputs: Values) -> Made:
    made = clients("iam").create_role(**parameters("iam", "CreateRole", inputs, _ROLE_NAMES))["Role"]
    return inputs["name"], {"arn": made["Arn"], "uniqueId": made["RoleId"]}


def _read_role(clients: Clients, name: str, state: Values) -> Values:
    iam = clients("iam")
    try:
        found = iam.get_role(RoleName=name)["Role"]
    except iam.exceptions.NoSuchEntityException:
        raise Gone from None
    return {**state, "name": name, "arn": found["Arn"], "uniqueId": found["RoleId"]}


def _update_role(clients: Clients, name: str, old: Values, inputs: Values) -> Values:
    iam = clients("iam")
    if old.get("assumeRolePolicy") != inputs["assumeRolePolicy"]:
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=inputs["assumeRolePolicy"])
    before, after = old.get("tags", {}), inputs.get("tags", {})
    if removed := sorted(before.keys() - after.keys()):
        iam.untag_role(RoleName=name, TagKeys=removed)
    if after:
        iam.tag_role(RoleName=name, Tags=[{"Key": key, "Value": value} for key, value in after.items()])
    return {key: old[key] for key in ("arn", "uniqueId")}


def _delete_role(clients: Clients, name: str, state: Values) -> None:
    del state
    iam = clients("iam")
    try:
        iam.delete_role(RoleName=name)
    except iam.exceptions.NoSuchEntityException:
        return


def _attach(clients: Clients, inputs: Values) -> Made:
    wish = parameters("iam", "AttachRolePolicy", inputs, _ATTACHMENT_NAMES)
    clients("iam").attach_role_policy(**wish)
    return f"{inputs['role']}/{inputs['policyArn']}", {}


def _read_attachment(clients: Clients, _id: str, state: Values) -> Values:
    iam = clients("iam")
    try:
        attached = iam.list_attached_role_policies(RoleName=state["role"])["AttachedPolicies"]
    except iam.exceptions.NoSuchEntityException:
        raise Gone from None
    if state["policyArn"] not in [one["PolicyArn"] for one in attached]:
        raise Gone
    return state


def _detach(clients: Clients, _id: str, state: Values) -> None:
    iam = clients("iam")
    try:
        iam.detach_role_policy(RoleName=state["role"], PolicyArn=state["policyArn"])
    except iam.exceptions.NoSuchEntityException:
        return


ROLE = Kind(
    inputs=frozenset({"name", "assumeRolePolicy", "path", "tags"}),
    required=frozenset({"name", "assumeRolePolicy"}),
    replaced_by=frozenset({"name", "path"}),
    computed=frozenset({"arn", "uniqueId"}),
    moved_by={},
    check=lambda inputs: parameters("iam", "CreateRole", inputs, _ROLE_NAMES),
    create=_create_role,
    read=_read_role,
    update=_update_role,
    delete=_delete_role,
)
ATTACHMENT = Kind(
    inputs=frozenset({"role", "policyArn"}),
    required=frozenset({"role", "policyArn"}),
    replaced_by=frozenset({"role", "policyArn"}),
    computed=frozenset(),
    moved_by={},
    check=lambda inputs: parameters("iam", "AttachRolePolicy", inputs, _ATTACHMENT_NAMES),
    create=_attach,
    read=_read_attachment,
    update=lambda _clients, _id, _old, _inputs: {},
    delete=_detach,
)
