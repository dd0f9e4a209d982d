"""Whether the nodes that a pool may have are enough for its endpoints."""

from collections.abc import Iterator, Mapping, Sequence

from pulumi_nim.eks.node_group import EksNodeGroup
from pulumi_nim.gpu_node_pool import BackEnd
from pulumi_nim.karpenter.nodes import KarpenterNodes
from stacks.faults import Fault
from stacks.plan import EndpointPlan
from stacks.pools import gpus_a_node, most_gpus
from stacks.settings import PROJECT


def room_faults(pools: Mapping[str, BackEnd], endpoints: Sequence[EndpointPlan], file: str) -> Iterator[Fault]:
    """One for each pool with fewer GPUs than its replicas ask for: some would stay Pending until the `up` gives up.

    Enough GPUs in sum are enough on nodes, since both replicas and nodes have 1, 2, 4 or 8, and none is the larger.
    """
    for name, pool in pools.items():
        here = [one for one in endpoints if one.pool == name]
        wanted, offered = sum(one.gpu_total for one in here), most_gpus(pool)
        if offered is not None and wanted > offered:
            told = ", ".join(f"{one.name} {one.replicas} x {one.profile.gpu_count}" for one in here)
            fault = f"has {offered} of the {wanted} GPUs that its endpoints want ({told})"
            yield Fault(file, f"{PROJECT}:pools.{name}", f"{fault}; write {_mend(pool, wanted)}, or fewer replicas")


def _mend(pool: BackEnd, wanted: int) -> str:
    if isinstance(pool, KarpenterNodes):
        return f"max_gpus: {wanted}"
    key = "max_node_count" if isinstance(pool, EksNodeGroup) and pool.max_node_count is not None else "node_count"
    return f"{key}: {-(-wanted // (gpus_a_node(pool) or 1))}"
