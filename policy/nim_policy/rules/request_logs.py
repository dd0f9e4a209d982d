"""What users write stays out of logs."""

import shlex
from collections.abc import Iterator, Mapping, Sequence

from nim_policy.facts import StackFacts
from nim_policy.planned import Planned, Props, items
from nim_policy.rule import Finding, Rule
from nim_policy.workload import servers, variables
from nim_profiles.nim_env import Family, Surroundings
from nim_profiles.nim_env.passthrough import LOGGING
from nim_profiles.nim_env.request_logging import logged
from nim_profiles.nim_env.stray import PASSTHROUGH
from nim_profiles.vllm_args import options_for, parse

OLD_SPELLING = "--no-disable-log-requests"
FIX = "leave it out, or let somebody answer for it by an exception"


def check(resources: Sequence[Planned], facts: StackFacts) -> Iterator[Finding]:
    del facts
    for server in servers(resources):
        found = {how for pods in server.pods for one in pods.containers for how in _switches(one)}
        for how in sorted(found):
            yield Finding(server.of, f"{how} writes what users write to the log; {FIX}")


def _switches(container: Props) -> Iterator[str]:
    env = {name: value for name, value in variables(container).items() if isinstance(value, str)}
    for family in Family:
        yield from (f"{found.variable}={env[found.variable]}" for found in logged(env, family, Surroundings()))
    words = [str(word) for part in ("command", "args") for word in items(container.get(part))]
    for where, line in (("an argument", words), (PASSTHROUGH, _split(env))):
        for setting in parse(line, options_for(None)).settings:
            if setting.name == OLD_SPELLING or (setting.name in LOGGING and not setting.off):
                yield f"{where}, {setting.name},"


def _split(env: Mapping[str, str]) -> list[str]:
    try:
        return shlex.split(env.get(PASSTHROUGH, ""))
    except ValueError:
        return env[PASSTHROUGH].split()


RULE = Rule(name="request-logs", title="Requests and answers are not logged.", check=check)
