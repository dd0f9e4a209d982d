"""The types that the stand-in makes."""

from collections.abc import Mapping
from types import MappingProxyType

from nim_sandbox.aws_plugin import autoscaling_tag, iam, launch_template, node_group, placement_group
from nim_sandbox.aws_plugin.kind import Kind, UnknownType

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "aws:iam/role:Role": iam.ROLE,
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment": iam.ATTACHMENT,
        "aws:autoscaling/tag:Tag": autoscaling_tag.TAG,
        "aws:ec2/launchTemplate:LaunchTemplate": launch_template.LAUNCH_TEMPLATE,
        "aws:ec2/placementGroup:PlacementGroup": placement_group.PLACEMENT_GROUP,
        "aws:eks/nodeGroup:NodeGroup": node_group.NODE_GROUP,
    }
)


def kind_of_type(token: str) -> Kind:
    """Raises UnknownType."""
    if token in KINDS:
        return KINDS[token]
    covered = ", ".join(sorted(KINDS))
    raise UnknownType(f"{token} is not covered by the stand-in for the AWS plugin. It covers {covered}")
