"""Deployment of one endpoint whose replicas each fit one node."""

from pulumi_nim.adopted import taken_over
from pulumi_nim.labels import labels, profile_annotations
from pulumi_nim.manifests.pod import Workload, pod_template, roll_out_seconds
from pulumi_nim.manifests.values import Manifest


def deployment(workload: Workload) -> Manifest:
    manifest = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": workload.adopted.deployment or workload.endpoint,
            "namespace": workload.namespace,
            "labels": labels(workload.endpoint),
            "annotations": profile_annotations(workload.profile),
        },
        "spec": {
            "replicas": workload.replicas,
            "selector": {"matchLabels": workload.adopted.pod_selector(workload.endpoint)},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": _steps(surge=workload.surge)},
            "progressDeadlineSeconds": roll_out_seconds(workload),
            "template": pod_template(workload),
        },
    }
    return taken_over(manifest) if workload.adopted.deployment else manifest


def _steps(*, surge: bool) -> Manifest:
    """One replica at a time."""
    return {"maxSurge": 1, "maxUnavailable": 0} if surge else {"maxSurge": 0, "maxUnavailable": 1}
