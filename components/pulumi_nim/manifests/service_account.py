"""ServiceAccount of an endpoint's pods: an identity without a token, since a NIM never calls the API server."""

from pulumi_nim.labels import labels
from pulumi_nim.manifests.values import Manifest, Text


def service_account(endpoint: str, namespace: Text) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": endpoint, "namespace": namespace, "labels": labels(endpoint)},
        "automountServiceAccountToken": False,
    }
