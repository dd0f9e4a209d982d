"""NVIDIA's device plugin on the nodes of one pool: without it a node has GPUs that Kubernetes does not know."""

from collections.abc import Mapping

from pulumi_nim.labels import GPU_RESOURCE
from pulumi_nim.manifests.values import Manifest

IMAGE = "nvcr.io/nvidia/k8s-device-plugin:v0.20.0"
"""Release v0.20.0 of NVIDIA/k8s-device-plugin, 2026-08-19; public, pulled without a key."""
NAMESPACE = "kube-system"
"""Where pods may be node-critical everywhere, and mount the kubelet's sockets."""
SOCKETS = "/var/lib/kubelet/device-plugins"
"""Where the kubelet looks for plugins."""


def device_plugin(name: str, node_selector: Mapping[str, str]) -> Manifest:
    """A DaemonSet, as in the project's own static deployment, but on the selected nodes only."""
    match = {"app.kubernetes.io/name": "nvidia-device-plugin", "app.kubernetes.io/instance": name}
    container = {
        "name": "device-plugin",
        "image": IMAGE,
        # A node whose driver is not up yet is waited for, not crashed on.
        "env": [{"name": "FAIL_ON_INIT_ERROR", "value": "false"}],
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        "volumeMounts": [{"name": "sockets", "mountPath": SOCKETS}],
    }
    pod = {
        "automountServiceAccountToken": False,
        "priorityClassName": "system-node-critical",
        "nodeSelector": dict(node_selector),
        "tolerations": [{"key": GPU_RESOURCE, "operator": "Exists", "effect": "NoSchedule"}],
        "containers": [container],
        "volumes": [{"name": "sockets", "hostPath": {"path": SOCKETS}}],
    }
    labels = {**match, "app.kubernetes.io/managed-by": "pulumi", "app.kubernetes.io/part-of": "pulumi-nim"}
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": labels},
        "spec": {
            "selector": {"matchLabels": match},
            "updateStrategy": {"type": "RollingUpdate"},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }
