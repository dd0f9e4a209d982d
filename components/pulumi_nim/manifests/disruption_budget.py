"""PodDisruptionBudget of an endpoint: a drain takes one replica at a time, and never waits forever on a single one."""

from pulumi_nim.adopted import NOTHING, Adopted
from pulumi_nim.labels import labels
from pulumi_nim.manifests.values import Manifest, Text


def disruption_budget(endpoint: str, namespace: Text, adopted: Adopted = NOTHING, *, groups: bool = False) -> Manifest:
    """Several nodes for one replica: the first pod takes its whole group down, and no pod of another group may go until
    that one serves again; its own pods, which cannot become ready any more, hold up no drain.
    """
    unready = {"unhealthyPodEvictionPolicy": "AlwaysAllow"} if groups else {}
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": endpoint, "namespace": namespace, "labels": labels(endpoint)},
        "spec": {"maxUnavailable": 1, **unready, "selector": {"matchLabels": adopted.pod_selector(endpoint)}},
    }
