"""PersistentVolumeClaim of a model cache."""

from nim_profiles.units import GIB
from pulumi_nim.cache_size import Claim
from pulumi_nim.labels import labels
from pulumi_nim.manifests.values import Manifest, Text


def claim(endpoint: str, one: Claim, namespace: Text, storage_class: str | None) -> Manifest:
    """`storage_class` None takes the cluster's default."""
    spec: Manifest = {
        "accessModes": [one.access_mode.value],
        "resources": {"requests": {"storage": f"{one.size_bytes // GIB}Gi"}},
    }
    if storage_class is not None:
        spec["storageClassName"] = storage_class
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": one.name, "namespace": namespace, "labels": labels(endpoint)},
        "spec": spec,
    }
