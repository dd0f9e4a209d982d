"""NVIDIA's GPU operator by its chart: device plugin, feature discovery, metrics and health checks for all GPU nodes.

An alternative to the device plugin alone. Driver and toolkit stay the image's: EKS's NVIDIA images bring both.
"""

from pulumi_nim.labels import GPU_RESOURCE
from pulumi_nim.manifests.values import Manifest

CHART = "gpu-operator"
REPOSITORY = "https://helm.ngc.nvidia.com/nvidia"
VERSION = "v26.7.0"
"""Of the line that NVIDIA supports (platform support page of the GPU operator, read 2026-11-26)."""
NAMESPACE = "gpu-operator"


def operator_namespace() -> Manifest:
    """Its daemons mount the kubelet's sockets and the nodes' devices, which Pod Security calls privileged."""
    labels = {"pod-security.kubernetes.io/enforce": "privileged", "app.kubernetes.io/part-of": "pulumi-nim"}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": labels}}


def operator_values() -> Manifest:
    return {
        "driver": {"enabled": False},
        "toolkit": {"enabled": False},
        "daemonsets": {"tolerations": [{"key": GPU_RESOURCE, "operator": "Exists", "effect": "NoSchedule"}]},
    }
