"""The cheapest nodes for the endpoints of a plan, whatever its pools say: what `place` finds for them together."""

from nim_profiles.instance import PRICE_REGION
from nim_profiles.placement import Constraints, Engine, Placement, Requirement, catalogue_offerings, place
from nim_profiles.units import GB
from pulumi_nim.eks.node_group import EksNodeGroup
from pulumi_nim.gpu_node_pool import ExistingNodes
from pulumi_nim.karpenter.nodes import KarpenterNodes
from stacks.plan import EndpointPlan, Plan


def cheapest(plan: Plan) -> Placement:
    """On demand, in the region and zones of the plan's pools on EKS; without such pools in us-east-1.

    Endpoints on nodes that somebody else runs are left out: those nodes are there. Raises Unplaceable.
    """
    in_aws = [pool for pool in plan.pools.values() if isinstance(pool, EksNodeGroup | KarpenterNodes)]
    where = next((pool.region for pool in in_aws), PRICE_REGION)
    zones = tuple(sorted({zone for pool in in_aws for zone in pool.subnets.values()}))
    wanted = [_requirement(one) for one in plan.endpoints if not isinstance(plan.pools[one.pool], ExistingNodes)]
    return place(wanted, catalogue_offerings(where), Constraints(region=where, zones=zones))


def _requirement(endpoint: EndpointPlan) -> Requirement:
    profile = endpoint.profile
    return Requirement(
        name=endpoint.name,
        memory_bytes_per_gpu=_memory_bytes_per_gpu(endpoint),
        precision=profile.precision or "bf16",
        engine=Engine.NIM if endpoint.launcher is None else Engine.VLLM,
        replicas=endpoint.replicas,
        tensor_parallel=profile.tensor_parallel,
        pipeline_parallel=profile.pipeline_parallel,
    )


def _memory_bytes_per_gpu(endpoint: EndpointPlan) -> int:
    """What a GPU must have: the safe estimate, and the part of the GPU that the engine leaves alone.

    Without an estimate, NVIDIA's own floor. The estimate is that of the pool's GPU, and differs little on another.
    """
    if endpoint.fit is None or endpoint.fit.estimate is None:
        return round((endpoint.profile.min_vram_per_device_gb or 0) * GB)
    found = endpoint.fit.estimate
    needed = found.used.safe_bytes + found.kv_needed_bytes
    return -(-needed * found.device.safe_bytes // found.requested.safe_bytes)
