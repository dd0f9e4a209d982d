"""Spot nodes go at two minutes' notice, all of one kind at once: an endpoint on them alone goes with them."""

from collections.abc import Iterator, Sequence

from nim_policy.facts import StackFacts
from nim_policy.planned import Planned
from nim_policy.rule import Finding, Rule
from nim_policy.workload import servers


def check(resources: Sequence[Planned], facts: StackFacts) -> Iterator[Finding]:
    for server in servers(resources):
        known = facts.endpoints.get(server.endpoint)
        if known is not None and known.spot:
            yield Finding(server.of, "runs on spot nodes alone; give it a pool that can also be on-demand")


RULE = Rule(name="spot-alone", title="No server runs on spot nodes alone.", check=check)
