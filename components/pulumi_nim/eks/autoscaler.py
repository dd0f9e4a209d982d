"""What the Cluster Autoscaler must know of a node group that has no node yet: tags of its autoscaling group.

EKS puts none of a node group's own tags there (containers-roadmap #608). Source: the AWS README of
kubernetes/autoscaler, "Scaling a node group to 0"; read 2026-11-21.
"""

from dataclasses import dataclass

from nim_profiles.units import GIB
from pulumi_nim.eks.node_group import EksNodeGroup, ImageFamily
from pulumi_nim.labels import GPU_RESOURCE, POOL_LABEL
from pulumi_nim.manifests.node import TAINT_VALUE

ACCELERATOR_LABEL = "k8s.amazonaws.com/accelerator"
"""By which it knows a node whose GPUs the device plugin has not reported yet, and starts no second one for it."""
_TEMPLATE = "k8s.io/cluster-autoscaler/node-template"


def accelerator(group: EksNodeGroup) -> str:
    return f"nvidia-{group.gpu.short_name.lower().replace(' ', '-')}"


@dataclass(frozen=True, slots=True)
class Tag:
    """Of the autoscaling group; instances do not get it."""

    key: str
    value: str


def template_tags(pool: str, group: EksNodeGroup) -> dict[str, Tag]:
    """By a short name of ours, which becomes part of a resource's name."""
    said = {
        "pool": (f"label/{POOL_LABEL}", pool),
        "accelerator": (f"label/{ACCELERATOR_LABEL}", accelerator(group)),
        "taint": (f"taint/{GPU_RESOURCE}", f"{TAINT_VALUE}:NoSchedule"),
        "gpus": (f"resources/{GPU_RESOURCE}", str(group.instance_type.gpu_count)),
        "disk": ("resources/ephemeral-storage", str(_disk_bytes(group))),
    }
    if group.efa:
        said["efa"] = ("resources/vpc.amazonaws.com/efa", str(group.instance_type.efa_interfaces))
    return {name: Tag(f"{_TEMPLATE}/{key}", value) for name, (key, value) in said.items()}


def _disk_bytes(group: EksNodeGroup) -> int:
    """Of images and containers: the local disks where they are used, else the root disk."""
    local = group.instance_type.local_nvme_bytes if group.image_family is ImageFamily.AL2023 else 0
    return local or group.root_disk_gib * GIB
