"""Pods that planned resources would make, whatever kind of workload makes them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from nim_policy.planned import Planned, Props, dig, items, mapping, whole

GPU_RESOURCE = "nvidia.com/gpu"
NAME_LABEL, INSTANCE_LABEL = "app.kubernetes.io/name", "app.kubernetes.io/instance"
NAME = "nim"
"""Value of the first in NVIDIA's own charts and here; the second says which endpoint."""
PROFILE = "NIM_MODEL_PROFILE"
SYSTEM_NAMESPACES = frozenset({"kube-system", "gpu-operator"})
"""What runs there is the cluster's own, such as device plugins, which need what ordinary pods may not have."""


@dataclass(frozen=True, slots=True)
class Pods:
    """Pods that are alike."""

    of: Planned
    """What makes them."""
    template: Props
    """`metadata` and `spec`."""
    count: int
    """Of one replica."""

    @property
    def spec(self) -> Props:
        return mapping(dig(self.template, "spec"))

    @property
    def labels(self) -> Props:
        return mapping(dig(self.template, "metadata", "labels"))

    @property
    def containers(self) -> list[Props]:
        """Those that run on; what runs before them is in `all_containers`."""
        return [mapping(one) for one in items(dig(self.spec, "containers"))]

    @property
    def serving(self) -> list[Props]:
        """Containers that run the model: those with GPUs, or, on nodes without any, all."""
        return [one for one in self.containers if gpus(one)] or self.containers

    @property
    def all_containers(self) -> list[Props]:
        return [*(mapping(one) for one in items(dig(self.spec, "initContainers"))), *self.containers]

    @property
    def gpu_count(self) -> int:
        """Of one pod."""
        return sum(gpus(container) for container in self.containers)

    @property
    def volumes(self) -> list[Props]:
        return [mapping(one) for one in items(dig(self.spec, "volumes"))]


@dataclass(frozen=True, slots=True)
class Server:
    """A workload that serves an endpoint: its pods stay, and hold GPUs or are named as a NIM."""

    of: Planned
    endpoint: str
    """INSTANCE_LABEL of its pods, else the resource's name."""
    replicas: int
    pods: tuple[Pods, ...]
    """Of one replica; the first of them answers requests."""

    @property
    def pod_count(self) -> int:
        """Of all replicas."""
        return self.replicas * sum(pods.count for pods in self.pods)


def gpus(container: Props) -> int:
    return whole(mapping(dig(container, "resources", "limits")).get(GPU_RESOURCE)) or 0


def variables(container: Props) -> dict[str, Any]:  # Any: whatever a program may write
    """Plain ones; None where a value is read from elsewhere."""
    entries = [mapping(entry) for entry in items(dig(container, "env"))]
    return {str(entry.get("name")): entry.get("value") for entry in entries}


def pods_of(resource: Planned) -> tuple[Pods, ...]:
    """Empty for what makes no pods, and for the cluster's own."""
    if not resource.kubernetes or resource.namespace in SYSTEM_NAMESPACES:
        return ()
    spec = mapping(dig(resource.props, "spec"))
    match resource.kind:
        case "Pod":
            return (Pods(resource, resource.props, 1),)
        case "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job":
            return (Pods(resource, mapping(dig(spec, "template")), 1),)
        case "CronJob":
            return (Pods(resource, mapping(dig(spec, "jobTemplate", "spec", "template")), 1),)
        case "LeaderWorkerSet":
            return _group(resource, mapping(dig(spec, "leaderWorkerTemplate")))
        case _:
            return ()


def _group(resource: Planned, group: Props) -> tuple[Pods, ...]:
    """A leader's template is optional: without it the leader is made as a worker is."""
    size, leader = whole(group.get("size")) or 1, dig(group, "leaderTemplate")
    worker = mapping(dig(group, "workerTemplate"))
    if leader is None:
        return (Pods(resource, worker, size),)
    first = Pods(resource, mapping(leader), 1)
    return (first, Pods(resource, worker, size - 1)) if size > 1 else (first,)


def all_pods(resources: Sequence[Planned]) -> Iterator[Pods]:
    for resource in resources:
        yield from pods_of(resource)


def servers(resources: Sequence[Planned]) -> Iterator[Server]:
    for resource in resources:
        pods = pods_of(resource)
        serves = any(one.gpu_count or one.labels.get(NAME_LABEL) == NAME for one in pods)
        if not serves or resource.kind not in ("Deployment", "StatefulSet", "LeaderWorkerSet"):
            continue
        replicas = whole(dig(resource.props, "spec", "replicas"))
        instance = pods[0].labels.get(INSTANCE_LABEL) or resource.name
        yield Server(resource, str(instance), 1 if replicas is None else replicas, pods)
