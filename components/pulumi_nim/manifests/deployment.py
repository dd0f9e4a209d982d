"""Deployment of one endpoint whose replicas each fit one node."""

from pulumi_nim.labels import labels, profile_annotations, selector
from pulumi_nim.manifests.pod import Workload, pod_template, roll_out_seconds, steps
from pulumi_nim.manifests.values import Manifest


def deployment(workload: Workload) -> Manifest:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": workload.endpoint,
            "namespace": workload.namespace,
            "labels": labels(workload.endpoint),
            "annotations": profile_annotations(workload.profile),
        },
        "spec": {
            "replicas": workload.replicas,
            "selector": {"matchLabels": selector(workload.endpoint)},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": steps(surge=workload.surge)},
            "progressDeadlineSeconds": roll_out_seconds(workload),
            "template": pod_template(workload),
        },
    }
