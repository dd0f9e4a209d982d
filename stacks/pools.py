"""Pools: from settings to the nodes of a back end, and how much they offer."""

from nim_profiles.instance import instance_type
from pulumi_nim.eks.node_group import EksNodeGroup
from pulumi_nim.gpu_node_pool import BackEnd, ExistingNodes, SimulatedNodes
from pulumi_nim.karpenter.nodes import KarpenterNodes
from stacks.eks import node_group
from stacks.existing import existing_nodes
from stacks.karpenter import nodes_of
from stacks.settings import (
    EksPool,
    ExistingPool,
    KarpenterPool,
    Pool,
    Settings,
    SimulatedPool,
)


def back_end(pool: Pool, settings: Settings) -> BackEnd:
    match pool:
        case SimulatedPool():
            return SimulatedNodes(
                instance_type=instance_type(pool.instance_type),
                node_count=pool.node_count,
                zones=tuple(pool.zones),
            )
        case ExistingPool():
            return existing_nodes(pool)
        case EksPool() | KarpenterPool():
            return _pool_on_eks(pool, settings)


def _pool_on_eks(pool: EksPool | KarpenterPool, settings: Settings) -> BackEnd:
    if settings.eks is None:
        raise AssertionError("eks_faults and karpenter_faults have refused this")
    if isinstance(pool, EksPool):
        return node_group(pool, settings.eks, operated=settings.gpu_operator)
    simulated = settings.cluster.sandbox is not None
    return nodes_of(pool, settings.eks, simulated=simulated, operated=settings.gpu_operator)


def most_nodes(pool: BackEnd) -> int | None:
    """None where somebody else decides."""
    match pool:
        case SimulatedNodes():
            return pool.node_count
        case EksNodeGroup():
            return pool.max_node_count if pool.max_node_count is not None else pool.node_count
        case ExistingNodes() | KarpenterNodes():
            return None


def gpus_a_node(pool: BackEnd) -> int | None:
    """Of the largest; None where nobody says."""
    match pool:
        case SimulatedNodes() | EksNodeGroup():
            return pool.instance_type.gpu_count
        case KarpenterNodes():
            return max(kind.gpu_count for kind in pool.allowed)
        case ExistingNodes():
            return None


def most_gpus(pool: BackEnd) -> int | None:
    """Of all nodes together; None where nobody says."""
    match pool:
        case SimulatedNodes() | EksNodeGroup():
            return (most_nodes(pool) or 0) * pool.instance_type.gpu_count
        case KarpenterNodes():
            return pool.gpu_limit
        case ExistingNodes():
            return None
