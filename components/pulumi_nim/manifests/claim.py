"""PersistentVolumeClaim of a model cache."""

from nim_profiles.units import GIB
from pulumi_nim.cache_size import AccessMode
from pulumi_nim.labels import labels
from pulumi_nim.manifests.values import Manifest, Text


def claim(  # the parts of a claim
    endpoint: str, name: str, namespace: Text, size_bytes: int, access_mode: AccessMode, storage_class: str | None
) -> Manifest:
    """`storage_class` None takes the cluster's default."""
    spec: Manifest = {
        "accessModes": [access_mode.value],
        "resources": {"requests": {"storage": f"{size_bytes // GIB}Gi"}},
    }
    if storage_class is not None:
        spec["storageClassName"] = storage_class
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name, "namespace": namespace, "labels": labels(endpoint)},
        "spec": spec,
    }
