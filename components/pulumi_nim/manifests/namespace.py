"""Namespace that admits only hardened pods."""

from pulumi_nim.manifests.values import Manifest

POD_SECURITY = "restricted"
"""Level of the Pod Security standards that the API server enforces in our namespaces."""


def namespace(name: str) -> Manifest:
    modes = ("enforce", "audit", "warn")
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "labels": {f"pod-security.kubernetes.io/{mode}": POD_SECURITY for mode in modes}},
    }
