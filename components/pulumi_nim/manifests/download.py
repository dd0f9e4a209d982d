"""The Job that fills a cache with the weights of one profile before the pods that serve it roll."""

from pulumi_nim.manifests.job import Task
from pulumi_nim.manifests.launcher import utility
from pulumi_nim.manifests.pod import SCHEDULING_SECONDS, Workload

TRIES = 2
"""The time that one download may take is given this often: one that breaks off in the middle is not the end."""


def download_task(workload: Workload, download_seconds: int) -> Task:
    """By id, never `default`: `download-to-cache` of NIM images refuses that (github.com/NVIDIA/k8s-nim-operator 407).

    Needs no GPU where the profile is named, as NVIDIA's operator has it (its NIMCache controller, f63f74d).
    """
    return Task(
        purpose="download",
        command=(*utility(workload.launcher, "download-to-cache"), "--profiles", workload.profile.id),
        deadline_seconds=SCHEDULING_SECONDS + TRIES * download_seconds,
        shares=("cache", "launcher"),
        cpu="500m",
        memory="1Gi",
    )
