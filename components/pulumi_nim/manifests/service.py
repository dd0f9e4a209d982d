"""Service in front of an endpoint's pods."""

from pulumi_nim.adopted import NOTHING, Adopted, taken_over
from pulumi_nim.labels import labels
from pulumi_nim.manifests.group import WORKER_INDEX_LABEL
from pulumi_nim.manifests.values import Manifest, Text


def service(
    endpoint: str, namespace: Text, port: int, adopted: Adopted = NOTHING, *, leaders_only: bool = False
) -> Manifest:
    """Of several nodes for one replica only the leader serves."""
    leader = {WORKER_INDEX_LABEL: "0"} if leaders_only else {}
    manifest = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": adopted.service or endpoint, "namespace": namespace, "labels": labels(endpoint)},
        "spec": {
            "selector": {**adopted.pod_selector(endpoint), **leader},
            "ports": [{"name": "http", "port": port, "targetPort": "http"}],
        },
    }
    return taken_over(manifest) if adopted.service else manifest
