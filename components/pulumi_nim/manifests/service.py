"""Service in front of an endpoint's pods."""

from pulumi_nim.labels import labels, selector
from pulumi_nim.manifests.values import Manifest, Text


def service(endpoint: str, namespace: Text, port: int) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": endpoint, "namespace": namespace, "labels": labels(endpoint)},
        "spec": {"selector": selector(endpoint), "ports": [{"name": "http", "port": port, "targetPort": "http"}]},
    }
