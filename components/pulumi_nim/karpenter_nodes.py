"""What tells Karpenter of a pool's nodes, under one parent."""

import pulumi

from pulumi_nim.from_manifest import custom_resource
from pulumi_nim.karpenter.nodes import KarpenterNodes
from pulumi_nim.karpenter.rules import faults
from pulumi_nim.manifests.ec2_node_class import ec2_node_class
from pulumi_nim.manifests.kwok_node_class import kwok_node_class
from pulumi_nim.manifests.node_pool import node_pool

CREATE_TIMEOUT = "5m"
"""For Karpenter to find role, subnets, security groups and image; what it has not found by then is not there."""
DELETE_TIMEOUT = "60m"
"""For its nodes to be drained, with all regard for the disruption budgets of their pods."""


class BadKarpenterNodes(ValueError):
    """Karpenter or AWS would not take these nodes. Names every reason."""


def karpenter_nodes(pool: str, nodes: KarpenterNodes, parent: pulumi.Resource) -> None:
    """Registers node class and node pool. Raises BadKarpenterNodes before anything is registered."""
    if found := faults(nodes):
        raise BadKarpenterNodes("\n".join(f"pool {pool}: {fault.field} {fault.text}" for fault in found))
    timeouts = pulumi.CustomTimeouts(create=CREATE_TIMEOUT, update=CREATE_TIMEOUT, delete=DELETE_TIMEOUT)
    child = pulumi.ResourceOptions(parent=parent, custom_timeouts=timeouts)
    told = kwok_node_class(pool) if nodes.simulated else ec2_node_class(pool, nodes)
    node_class = custom_resource(f"{pool}-node-class", told, child)
    # A node pool goes with its nodes, and those cannot go without their class.
    after = pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[node_class]))
    custom_resource(f"{pool}-node-pool", node_pool(pool, nodes, told), after)
