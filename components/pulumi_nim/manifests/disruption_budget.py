"""PodDisruptionBudget of an endpoint: a drain takes one replica at a time, and never waits forever on a single one."""

from pulumi_nim.labels import labels, selector
from pulumi_nim.manifests.values import Manifest, Text


def disruption_budget(endpoint: str, namespace: Text) -> Manifest:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": endpoint, "namespace": namespace, "labels": labels(endpoint)},
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": selector(endpoint)}},
    }
