"""Logging of requests: off unless somebody answers for it."""

from collections.abc import Iterator, Mapping

from nim_profiles.nim_env.family import Family
from nim_profiles.nim_env.finding import Finding, Level, Surroundings
from nim_profiles.nim_env.variable import truth, variables

PRIVACY = (
    "what users write, personal data and all, then goes to the container's log and to whatever collects it, where "
    "everybody who may read logs can read it"
)

DEBUG_RESPONSES = "VLLM_DEBUG_LOG_API_SERVER_RESPONSE"
"""Of vLLM: `true` logs every answer. Source: vllm/envs.py, read 2026-08."""


def request_logging(variable: str, how: str, around: Surroundings) -> Finding:
    if around.request_logging_allowed:
        return Finding(variable, Level.WARN, f"{how}, which can log requests, as allowed: {PRIVACY}")
    fix = "remove it, or allow request logging for this endpoint"
    return Finding(variable, Level.REFUSE, f"{how}, which can log requests: {PRIVACY}; {fix}")


def logged(env: Mapping[str, str], family: Family, around: Surroundings) -> Iterator[Finding]:
    known = variables(family)
    for name, value in env.items():
        on = known[name].logs_requests if name in known else None
        if name == DEBUG_RESPONSES:
            on = "1"
        if on is not None and truth(value) is truth(on):
            yield request_logging(name, f"is {value}", around)
