"""Launch templates: every change of what they say is a further version."""

from botocore.exceptions import ClientError  # type: ignore[import-untyped]  # it makes its clients at run time

from nim_sandbox.aws_plugin.kind import Clients, Gone, Kind, Made, Values
from nim_sandbox.aws_plugin.parameters import parameters
from nim_sandbox.aws_plugin.tags import retag

_OUTSIDE = frozenset({"name", "description", "updateDefaultVersion", "tags"})
"""Not part of what instances are started from."""
_DATA = frozenset(
    {
        "blockDeviceMappings",
        "capacityReservationSpecification",
        "instanceMarketOptions",
        "instanceType",
        "metadataOptions",
        "networkInterfaces",
        "placement",
        "tagSpecifications",
        "userData",
        "vpcSecurityGroupIds",
    }
)
_NAMES = {
    "data": "LaunchTemplateData",
    "vpcSecurityGroupIds": "SecurityGroupIds",
    "securityGroups": "Groups",
}


def _parameters(inputs: Values) -> Values:
    data = {key: value for key, value in inputs.items() if key not in _OUTSIDE}
    tags = [{"resourceType": "launch-template", "tags": inputs["tags"]}] if inputs.get("tags") else []
    wish = {"launchTemplateName": inputs["name"], "data": data, **({"tagSpecifications": tags} if tags else {})}
    return parameters("ec2", "CreateLaunchTemplate", wish, _NAMES)


def _create(clients: Clients, inputs: Values) -> Made:
    made = clients("ec2").create_launch_template(**_parameters(inputs))["LaunchTemplate"]
    return made["LaunchTemplateId"], _outputs(made)


def _outputs(made: Values) -> Values:
    return {
        "latestVersion": made["LatestVersionNumber"],
        "defaultVersion": made["DefaultVersionNumber"],
    }


def _read(clients: Clients, template_id: str, state: Values) -> Values:
    try:
        (found,) = clients("ec2").describe_launch_templates(LaunchTemplateIds=[template_id])["LaunchTemplates"]
    except (ClientError, ValueError):
        raise Gone from None
    return {**state, "name": found["LaunchTemplateName"], **_outputs(found)}


def _update(clients: Clients, template_id: str, old: Values, inputs: Values) -> Values:
    ec2 = clients("ec2")
    if any(old.get(key) != inputs.get(key) for key in _DATA):
        data = _parameters(inputs)["LaunchTemplateData"]
        made = ec2.create_launch_template_version(LaunchTemplateId=template_id, LaunchTemplateData=data)
        if inputs.get("updateDefaultVersion"):
            version = str(made["LaunchTemplateVersion"]["VersionNumber"])
            ec2.modify_launch_template(LaunchTemplateId=template_id, DefaultVersion=version)
    retag(ec2, template_id, old, inputs)
    (now,) = ec2.describe_launch_templates(LaunchTemplateIds=[template_id])["LaunchTemplates"]
    return _outputs(now)


def _delete(clients: Clients, template_id: str, state: Values) -> None:
    del state
    try:
        clients("ec2").delete_launch_template(LaunchTemplateId=template_id)
    except ClientError as error:
        if "NotFound" not in str(error) and "does not exist" not in str(error):
            raise


LAUNCH_TEMPLATE = Kind(
    inputs=_OUTSIDE | _DATA,
    required=frozenset({"name"}),
    replaced_by=frozenset({"name"}),
    computed=frozenset({"latestVersion", "defaultVersion"}),
    moved_by={"latestVersion": _DATA, "defaultVersion": _DATA},
    check=_parameters,
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
)
