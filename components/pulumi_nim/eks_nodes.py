"""A managed node group with all that it needs, under one parent."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from pulumi_nim.eks.autoscaler import template_tags
from pulumi_nim.eks.instance_rules import OWN_TAG
from pulumi_nim.eks.launch_template import launch_template
from pulumi_nim.eks.managed import ASSUME_ROLE, IGNORED_WHEN_AUTOSCALED, managed_node_group, node_policies
from pulumi_nim.eks.node_group import EksNodeGroup, fixed_name, node_group_name
from pulumi_nim.eks.rules import faults

TIMEOUT = "60m"
"""What AWS's own tools allow; scarce GPUs and large drains take it."""


class BadNodeGroup(ValueError):
    """AWS would not take this node group. Names every reason."""


def eks_nodes(pool: str, group: EksNodeGroup, parent: pulumi.Resource) -> None:
    """Registers role, launch template, node group, and what an autoscaler must know of it.

    Raises BadNodeGroup before anything is registered.
    """
    if found := faults(group):
        raise BadNodeGroup("\n".join(f"pool {pool}: {fault.field} {fault.text}" for fault in found))
    child = pulumi.ResourceOptions(parent=parent)
    tags = {**group.tags, OWN_TAG: pool}
    role = aws.iam.Role(
        pool,
        name=fixed_name(f"{group.cluster_name}-{pool}"[:54], 64, group.region),
        assume_role_policy=ASSUME_ROLE,
        tags=dict(group.tags),
        opts=child,
    )
    rights = [
        aws.iam.RolePolicyAttachment(f"{pool}-{name}", role=role.name, policy_arn=arn, opts=child)
        for name, arn in node_policies(group).items()
    ]
    template_arguments = launch_template(group, tags)
    if group.placement_group:
        together = aws.ec2.PlacementGroup(
            pool, name=fixed_name(pool, 63, group.cluster_name), strategy="cluster", tags=tags, opts=child
        )
        template_arguments["placement"] = {"group_name": together.name}
    template = aws.ec2.LaunchTemplate(
        pool,
        name=fixed_name(f"{group.cluster_name}-{pool}", 128),
        update_default_version=True,
        **template_arguments,
        opts=child,
    )
    made = aws.eks.NodeGroup(
        pool,
        node_group_name=node_group_name(pool, group),
        node_role_arn=role.arn,
        launch_template={"id": template.id, "version": template.latest_version.apply(str)},
        **managed_node_group(pool, group),
        opts=pulumi.ResourceOptions(
            parent=parent,
            # A node without its rights never joins; one that loses them first is never drained.
            depends_on=rights,
            ignore_changes=[IGNORED_WHEN_AUTOSCALED] if group.autoscaled else None,
            custom_timeouts=pulumi.CustomTimeouts(create=TIMEOUT, update=TIMEOUT, delete=TIMEOUT),
        ),
    )
    if group.autoscaled:
        for name, tag in template_tags(pool, group).items():
            aws.autoscaling.Tag(
                f"{pool}-{name}",
                autoscaling_group_name=made.resources.apply(autoscaling_group_name),
                tag={"key": tag.key, "value": tag.value, "propagate_at_launch": False},
                opts=child,
            )


def autoscaling_group_name(resources: Sequence[aws.eks.outputs.NodeGroupResource]) -> str:
    """Of the one that EKS makes for a node group."""
    (group,) = resources[0].autoscaling_groups or ()
    return str(group.name)
