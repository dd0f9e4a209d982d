"""Keys and passwords stand in Secrets, and nowhere else."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nim_policy.facts import StackFacts
from nim_policy.planned import Planned, is_unknown
from nim_policy.rule import Finding, Rule
from nim_profiles.nim_env.secrecy import secret_problem

BINARY = "binaryData"
"""Of a ConfigMap: base64, in which nothing can be recognised."""


def check(resources: Sequence[Planned], facts: StackFacts) -> Iterator[Finding]:
    del facts
    for resource in resources:
        if resource.kind == "Secret" or resource.type.startswith("pulumi:"):
            continue  # a provider's own settings go to no cluster
        for where, name, text in _texts(resource.props, ()):
            if not is_unknown(text) and (why := secret_problem(name, text)):
                yield Finding(resource, f"{'.'.join(where)} {why}")


def _texts(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str, str]]:  # Any: as in `Props`
    """Path, name and content of every text. Of a variable `{name, value}` the name is its own."""
    if isinstance(value, str):
        yield path, path[-1] if path else "", value
    elif isinstance(value, Mapping):
        if isinstance(value.get("name"), str) and isinstance(value.get("value"), str):
            yield (*path[:-1], value["name"]), value["name"], value["value"]
            return
        for key, inner in value.items():
            if key != BINARY:
                yield from _texts(inner, (*path, str(key)))
    elif isinstance(value, list | tuple):
        for place, inner in enumerate(value):
            yield from _texts(inner, (*path, str(place)))


RULE = Rule(name="plain-key", title="No key and no password stands outside a Secret.", check=check)
