"""Simulated GPU node: only what a node group gives a node at birth.

Sizes, allocatable GPUs and the labels of GPU feature discovery are not ours to write: on a real node the kubelet and
NVIDIA's daemons set them, in the sandbox its simulation of those does, from the instance type's label.
"""

from pulumi_nim.labels import GPU_RESOURCE, POOL_LABEL
from pulumi_nim.manifests.values import Manifest

TAINT_VALUE = "present"
"""NVIDIA's node feature discovery worker tolerates only this value (k8s-device-plugin chart)."""


def simulated_node(name: str, pool: str, instance_type: str, zone: str) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "annotations": {"kwok.x-k8s.io/node": "fake"},
            "labels": {
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "node.kubernetes.io/instance-type": instance_type,
                "topology.kubernetes.io/zone": zone,
                POOL_LABEL: pool,
            },
        },
        "spec": {"taints": [{"key": GPU_RESOURCE, "value": TAINT_VALUE, "effect": "NoSchedule"}]},
    }
