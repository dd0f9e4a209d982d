"""The one place where a Job becomes a resource: how long it is waited for is what it may take."""

import pulumi
import pulumi_kubernetes as k8s

from pulumi_nim.from_manifest import from_manifest
from pulumi_nim.manifests.job import Task, job
from pulumi_nim.manifests.pod import Workload

SLACK_SECONDS = 60
"""Between the Job's own deadline and ours: the cluster's verdict, which says why, shall come first."""


def run(workload: Workload, task: Task, opts: pulumi.ResourceOptions) -> k8s.batch.v1.Job:
    """Done once its Job is. Another content is another Job under the same URN."""
    seconds = f"{task.deadline_seconds + SLACK_SECONDS}s"
    patient = pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create=seconds, update=seconds))
    name = f"{workload.endpoint}-{task.purpose}"
    return from_manifest(k8s.batch.v1.Job, name, job(workload, task), pulumi.ResourceOptions.merge(opts, patient))
