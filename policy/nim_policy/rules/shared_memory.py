"""Several GPUs of one pod talk through /dev/shm, and a container's own has 64 MiB."""

from collections.abc import Iterator, Sequence

from nim_policy.facts import StackFacts
from nim_policy.planned import Planned, dig, items, mapping
from nim_policy.rule import Finding, Rule
from nim_policy.workload import Pods, servers

SHARED_MEMORY = "/dev/shm"  # noqa: S108 - a mount point in the pod


def check(resources: Sequence[Planned], facts: StackFacts) -> Iterator[Finding]:
    del facts
    for server in servers(resources):
        for pods in server.pods:
            if pods.gpu_count > 1 and (why := _problem(pods)):
                yield Finding(server.of, f"a pod has {pods.gpu_count} GPUs, and {why}")


def _problem(pods: Pods) -> str | None:
    memory = {
        one.get("name"): dig(one, "emptyDir", "sizeLimit")
        for one in pods.volumes
        if dig(one, "emptyDir", "medium") == "Memory"
    }
    for container in pods.serving:
        mounts = {
            mapping(one).get("mountPath"): mapping(one).get("name") for one in items(container.get("volumeMounts"))
        }
        if mounts.get(SHARED_MEMORY) not in memory:
            fix = "mount an emptyDir with medium Memory there"
            return f"{SHARED_MEMORY} of container {container.get('name')} is no volume in memory; {fix}"
        if not memory[mounts[SHARED_MEMORY]]:
            return f"{SHARED_MEMORY} of container {container.get('name')} has no sizeLimit; write one, such as 16Gi"
    return None


RULE = Rule(name="shared-memory", title="A pod with several GPUs has a sized /dev/shm in memory.", check=check)
