"""Simulated nodes: what a kubelet and NVIDIA's GPU feature discovery would say about a node of one instance type."""

import re
from collections.abc import Mapping
from typing import Any

from nim_profiles.instance import InstanceType, instance_type
from nim_profiles.units import GIB, MIB

GPU_RESOURCE = "nvidia.com/gpu"
EFA_RESOURCE = "vpc.amazonaws.com/efa"
EFA_HUGE_PAGES_MIB = 2 * 5128
"""The EFA driver sets 5128 pages of 2 MiB aside (docs.aws.amazon.com/eks/latest/userguide/node-efa.html, read 2026-07).
They are no memory for anybody else."""
POD_LIMIT = 110
"""The kubelet's own default for `maxPods`."""
RESERVED_MEMORY_BYTES = 2 * GIB
"""What a node keeps for itself, roughly; only allocatable is less by it. An estimate, not AWS's formula."""
ROOT_DISK_BYTES = 200 * GIB
"""Of a node without local disks."""


def gpu_feature_labels(instance: InstanceType) -> dict[str, str]:
    """The labels that GPU feature discovery sets, as far as the catalogue knows them; no driver versions, no MIG.

    `gpu.memory` is the catalogue's usable memory, which is the smaller of what AWS and the driver say.
    """
    major, minor = instance.gpu.compute_capability
    return {
        f"{GPU_RESOURCE}.present": "true",
        f"{GPU_RESOURCE}.product": instance.gpu.product,
        f"{GPU_RESOURCE}.count": str(instance.gpu_count),
        f"{GPU_RESOURCE}.memory": str(instance.gpu.memory_mib),
        f"{GPU_RESOURCE}.compute.major": str(major),
        f"{GPU_RESOURCE}.compute.minor": str(minor),
        f"{GPU_RESOURCE}.family": instance.gpu.architecture.removesuffix(" Ultra").lower().replace(" ", "-"),
        f"{GPU_RESOURCE}.machine": instance.name,
        f"{GPU_RESOURCE}.mode": "compute",
        f"{GPU_RESOURCE}.replicas": "1",
        f"{GPU_RESOURCE}.sharing-strategy": "none",
    }


def capacity(instance: InstanceType) -> dict[str, str]:
    """`status.capacity` of a node; the local disks are taken as the nodes' file system."""
    return {
        "cpu": str(instance.cpu_count),
        "memory": f"{instance.memory_bytes // MIB}Mi",
        "ephemeral-storage": str(instance.local_nvme_bytes or ROOT_DISK_BYTES),
        "pods": str(POD_LIMIT),
        GPU_RESOURCE: str(instance.gpu_count),
        **_efa(instance),
    }


def _efa(instance: InstanceType) -> dict[str, str]:
    """What EFA's device plugin and driver say of a node that uses all of its interfaces."""
    if not instance.efa_interfaces:
        return {}
    return {EFA_RESOURCE: str(instance.efa_interfaces), "hugepages-2Mi": f"{EFA_HUGE_PAGES_MIB}Mi"}


def allocatable(instance: InstanceType) -> dict[str, str]:
    """`status.allocatable`: the capacity less what the node keeps for itself."""
    kept = RESERVED_MEMORY_BYTES + (EFA_HUGE_PAGES_MIB * MIB if instance.efa_interfaces else 0)
    return capacity(instance) | {"memory": f"{(instance.memory_bytes - kept) // MIB}Mi"}


def simulated_node(
    instance_type_name: str, name: str, zone: str, labels: Mapping[str, str] | None = None
) -> dict[str, Any]:  # Any: a Kubernetes object in wire format
    """A Node to create. The sandbox itself adds capacity, readiness and the GPU labels, from the instance type alone.

    Raises UnknownInstanceType.
    """
    instance_type(instance_type_name)
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "annotations": {"kwok.x-k8s.io/node": "fake"},
            "labels": {
                "kubernetes.io/arch": "amd64",
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "node.kubernetes.io/instance-type": instance_type_name,
                "topology.kubernetes.io/region": _region(zone),
                "topology.kubernetes.io/zone": zone,
                **(labels or {}),
            },
        },
        "spec": {"taints": [{"key": GPU_RESOURCE, "value": "present", "effect": "NoSchedule"}]},
    }


def _region(zone: str) -> str:
    """`us-east-1` of `us-east-1a`; a zone that is not named in AWS's way is its own region."""
    match = re.fullmatch(r"([a-z]+(?:-[a-z]+)+-\d+)[a-z]", zone)
    return match[1] if match else zone
