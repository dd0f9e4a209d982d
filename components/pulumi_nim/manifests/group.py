"""Several nodes for one replica: what tells its pods of each other, and what the network between them needs."""

from dataclasses import dataclass
from enum import StrEnum

from pulumi_nim.manifests.values import Manifest

GROUP_INDEX_LABEL = "leaderworkerset.sigs.k8s.io/group-index"
WORKER_INDEX_LABEL = "leaderworkerset.sigs.k8s.io/worker-index"
"""On every pod of a LeaderWorkerSet, written by its controller; the leader's is 0."""
GROUP_SIZE_ANNOTATION = "leaderworkerset.sigs.k8s.io/size"
"""On the same pods: how many belong to a group."""
LEADER_ADDRESS = "$(LWS_LEADER_ADDRESS)"
WORKER_INDEX = "$(LWS_WORKER_INDEX)"
"""Variables that the controller puts before ours, so that ours can refer to them."""
ZONE_LABEL = "topology.kubernetes.io/zone"

RAY_PORT = 6379
"""Ray's own default, and that of NVIDIA's NIM operator."""
RAY_STATUS_TIMEOUT_SECONDS = 5
PERIOD_SECONDS = 10
"""Both of the operator's start-up probe of a worker (k8s-nim-operator 3.1, read 2026-08)."""

EFA_RESOURCE = "vpc.amazonaws.com/efa"
EFA_TAINTS = ("aws.amazon.com/efa", EFA_RESOURCE)
"""Keys that nodes with EFA are usually tainted by."""
HUGE_PAGES = {"hugepages-2Mi": "5120Mi"}
"""Of the 5128 pages of 2 MiB that the EFA driver sets aside on a node
(docs.aws.amazon.com/eks/latest/userguide/node-efa.html, read 2026-07)."""
EFA_VARIABLES = {"FI_EFA_USE_HUGE_PAGE": "0"}
"""libfabric from 1.18 on needs no more: processes that fork fail on huge pages of its own
(EFA cheat sheet of awslabs/awsome-distributed-training, read 2026-07)."""
NCCL_VARIABLES = {"NCCL_SOCKET_IFNAME": "^lo,docker,veth"}
"""NCCL's first contact goes by the pod's own interface; same source."""


class Runtime(StrEnum):
    """What carries a replica over its nodes."""

    RAY = "ray"
    """NIM of 2.x."""
    MPI = "mpi"
    """NIM of 1.x."""
    LAUNCHER = "launcher"
    """A plain vLLM image: our launcher in every pod gives vLLM its place in the group."""


@dataclass(frozen=True, kw_only=True)
class Group:
    size: int
    """Pods, each on a node of its own; every one takes equally many GPUs."""
    runtime: Runtime
    exclusive_topology: str | None = None
    """Label of nodes whose value is one domain, which then takes one group alone. None: a group stays in one zone."""
    efa_interfaces: int = 0
    """Of a node; 0 where its pods talk TCP."""


def environment(group: Group, tensor_parallel: int, pipeline_parallel: int, *, leader: bool) -> dict[str, str]:
    """Of one pod. The names of NIM's are those that NVIDIA's operator writes (3.1, read 2026-08)."""
    nim = {
        "NIM_MULTI_NODE": "1",
        "NIM_NUM_COMPUTE_NODES": str(group.size),
        "NIM_TENSOR_PARALLEL_SIZE": str(tensor_parallel),
        "NIM_PIPELINE_PARALLEL_SIZE": str(pipeline_parallel),
        "NIM_NODE_RANK": WORKER_INDEX,
        "NIM_LEADER_ROLE": "1" if leader else "0",
    }
    return {
        **({} if group.runtime is Runtime.LAUNCHER else nim),
        # Ray's own lines are no JSON; NVIDIA asks to have it off.
        **({"NIM_JSONL_LOGGING": "0"} if group.runtime is Runtime.RAY else {}),
        **NCCL_VARIABLES,
        **(EFA_VARIABLES if group.efa_interfaces else {}),
    }


def ray_arguments(*, leader: bool) -> list[str]:
    """Of a NIM of 2.x; the same source."""
    if leader:
        return ["nim-serve-ray", "--head", "--port", str(RAY_PORT)]
    return ["nim-serve-ray", "--head-address", f"{LEADER_ADDRESS}:{RAY_PORT}"]


def ray_worker_probe(start_up_seconds: int) -> Manifest:
    """A worker serves nothing: it has started once it has found the head. It waits as long as the head may take."""
    return {
        "exec": {"command": ["ray", "status"]},
        "periodSeconds": PERIOD_SECONDS,
        "timeoutSeconds": RAY_STATUS_TIMEOUT_SECONDS,
        "failureThreshold": -(-start_up_seconds // PERIOD_SECONDS),
    }


def efa_limits(group: Group) -> dict[str, str]:
    return {EFA_RESOURCE: str(group.efa_interfaces), **HUGE_PAGES} if group.efa_interfaces else {}


def efa_tolerations(group: Group) -> list[Manifest]:
    keys = EFA_TAINTS if group.efa_interfaces else ()
    return [{"key": key, "operator": "Exists", "effect": "NoSchedule"} for key in keys]
