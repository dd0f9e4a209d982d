"""Arguments of the node group itself, and of the role that its nodes act under."""

import json

from pulumi_nim.eks.autoscaler import ACCELERATOR_LABEL, accelerator
from pulumi_nim.eks.launch_template import Arguments
from pulumi_nim.eks.node_group import EksNodeGroup
from pulumi_nim.labels import GPU_RESOURCE, POOL_LABEL
from pulumi_nim.manifests.node import TAINT_VALUE

IGNORED_WHEN_AUTOSCALED = "scalingConfig.desiredSize"
"""In the engine's spelling: the SDK translates whole top-level names only."""

ASSUME_ROLE = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
        ],
    }
)
_POLICIES = {
    "worker": "AmazonEKSWorkerNodeMinimalPolicy",
    "images": "AmazonEC2ContainerRegistryPullOnly",
    "cni": "AmazonEKS_CNI_Policy",
}


def node_policies(group: EksNodeGroup) -> dict[str, str]:
    """ARN by a short name of ours: the least with which a node joins, pulls images and gives pods addresses."""
    return {
        name: f"arn:aws:iam::aws:policy/{policy}"
        for name, policy in _POLICIES.items()
        if name != "cni" or not group.cni_has_own_role
    }


def managed_node_group(pool: str, group: EksNodeGroup) -> Arguments:
    """Without name, role and launch template, which exist only as resources.

    No disk size and no remote access: EKS refuses them beside a launch template. The instance type stands here or
    there, never in both.
    """
    arguments: Arguments = {
        "cluster_name": group.cluster_name,
        "subnet_ids": sorted(group.subnets),
        "ami_type": group.ami_type,
        "capacity_type": group.capacity_type.value,
        "scaling_config": {
            "desired_size": group.node_count,
            "min_size": group.node_count if group.autoscaled else min(group.node_count, 1),
            "max_size": group.max_node_count if group.max_node_count is not None else max(1, group.node_count),
        },
        # The default first adds nodes: GPUs that nobody has to spare.
        "update_config": {"max_unavailable": 1, "update_strategy": "MINIMAL"},
        "labels": {POOL_LABEL: pool, **({ACCELERATOR_LABEL: accelerator(group)} if group.autoscaled else {})},
        "taints": [{"key": GPU_RESOURCE, "value": TAINT_VALUE, "effect": "NO_SCHEDULE"}],
        "tags": dict(group.tags),
    }
    if not group.in_launch_template:
        arguments["instance_types"] = [group.instance_type.name]
    return arguments
