"""Which profile a server runs is written in its pods: an id, not a name and not the container's own choice."""

import re
from collections.abc import Iterator, Sequence

from nim_policy.facts import StackFacts
from nim_policy.planned import Planned, is_unknown
from nim_policy.rule import Finding, Rule
from nim_policy.workload import PROFILE, servers, variables

ID = re.compile(r"[0-9a-f]{64}")


def check(resources: Sequence[Planned], facts: StackFacts) -> Iterator[Finding]:
    del facts
    for server in servers(resources):
        for value in {variables(one).get(PROFILE) for pods in server.pods for one in pods.serving}:
            if is_unknown(value) or (isinstance(value, str) and ID.fullmatch(value)):
                continue
            found = f"{PROFILE} is {value!r}" if value else f"no {PROFILE} is set, so the container chooses"
            yield Finding(server.of, f"{found}; pin one of the image's profiles by its 64-digit id")


RULE = Rule(name="pinned-profile", title="A server's profile is pinned by its 64-digit id.", check=check)
