"""Half the weights for nearly the same answers: FP8, where the image offers it and the GPU computes it."""

from collections.abc import Iterator, Sequence

from nim_policy.facts import StackFacts
from nim_policy.planned import Planned
from nim_policy.rule import Finding, Level, Rule
from nim_policy.workload import servers


def check(resources: Sequence[Planned], facts: StackFacts) -> Iterator[Finding]:
    for server in servers(resources):
        known = facts.endpoints.get(server.endpoint)
        if known is not None and known.lighter is not None:
            yield Finding(server.of, known.lighter)


RULE = Rule(
    name="lighter-precision",
    title="A 16-bit profile runs only where no FP8 profile of the image would.",
    level=Level.ADVISORY,
    check=check,
)
