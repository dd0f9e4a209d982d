"""The pods of one replica ask for as many GPUs as the profile runs on, in equal parts."""

from collections.abc import Iterator, Sequence

from nim_policy.facts import StackFacts
from nim_policy.planned import Planned
from nim_policy.rule import Finding, Rule
from nim_policy.workload import GPU_RESOURCE, servers


def check(resources: Sequence[Planned], facts: StackFacts) -> Iterator[Finding]:
    for server in servers(resources):
        if (known := facts.endpoints.get(server.endpoint)) is None:
            continue
        pod_count = sum(pods.count for pods in server.pods)
        asked = {pods.gpu_count for pods in server.pods}
        if {one * pod_count for one in asked} != {known.gpu_count}:
            found = " and ".join(map(str, sorted(asked)))
            whole = f"{pod_count} pods" if pod_count > 1 else "its pod"
            yield Finding(
                server.of,
                f"limits.{GPU_RESOURCE} is {found} in {whole} a replica, but {known.profile} runs on "
                f"{known.gpu_count}; write {known.gpu_count / pod_count:g} a pod",
            )


RULE = Rule(
    name="gpu-share",
    title="Each pod's GPU limit is its share of the profile's tensor x pipeline GPUs.",
    check=check,
)
