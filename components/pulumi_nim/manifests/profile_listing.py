"""The Job that has an image list its profiles; what it prints stays in the log of its pod."""

from pulumi_nim.manifests.job import Task
from pulumi_nim.manifests.launcher import utility
from pulumi_nim.manifests.pod import SCHEDULING_SECONDS, Workload

PURPOSE = "profiles"
RUN_SECONDS = 300
"""It reads a manifest and imports an engine; ours."""


def listing_task(workload: Workload) -> Task:
    """Without GPUs, so that it never waits for one: ids and names are complete, all of them as incompatible."""
    return Task(
        purpose=PURPOSE,
        command=utility(workload.launcher, "list-model-profiles"),
        deadline_seconds=SCHEDULING_SECONDS + RUN_SECONDS,
        shares=("launcher",),
        env=(("NIM_CACHE_PATH", "/tmp"),),  # noqa: S108 - in the container, as in NVIDIA's nim-deploy kserve scripts
        cpu="500m",
        memory="2Gi",
    )
