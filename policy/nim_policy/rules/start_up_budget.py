"""Probes are patient: a kubelet that loses patience kills a pod that was about to be ready, over and over."""

from collections.abc import Iterator, Sequence

from nim_policy.facts import StackFacts
from nim_policy.planned import Planned, Props, dig, mapping, whole
from nim_policy.rule import Finding, Rule
from nim_policy.workload import servers

PERIOD_SECONDS, FAILURES = 10, 3
"""Kubernetes' own, where a probe does not say."""


def check(resources: Sequence[Planned], facts: StackFacts) -> Iterator[Finding]:
    for server in servers(resources):
        if (known := facts.endpoints.get(server.endpoint)) is None:
            continue
        for place, pods in enumerate(server.pods):
            for container in pods.serving:
                probe = mapping(dig(container, "startupProbe"))
                # Of a group, the first pod answers; the others may do without probes.
                if not probe and (place == 0 or "livenessProbe" in container):
                    yield Finding(
                        server.of,
                        f"container {container.get('name')} has no startupProbe, so nothing waits for its weights; "
                        f"allow {known.start_up_seconds} s",
                    )
                elif probe and (seconds := patience_seconds(probe)) < known.start_up_seconds:
                    yield Finding(
                        server.of,
                        f"the startupProbe of container {container.get('name')} waits {seconds} s, but a start may "
                        f"take {known.start_up_seconds} s; raise failureThreshold",
                    )


def patience_seconds(probe: Props) -> int:
    def number(key: str, default: int) -> int:
        value = whole(probe.get(key))
        return default if value is None else value

    failures, period = number("failureThreshold", FAILURES), number("periodSeconds", PERIOD_SECONDS)
    return number("initialDelaySeconds", 0) + failures * period


RULE = Rule(
    name="start-up-budget",
    title="The startup probe waits at least as long as a start from an empty cache was computed to take.",
    check=check,
)
