"""What the engine knows: the objects that it applied, and what it would still do. By endpoint."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

KUBERNETES = "kubernetes:"
ENDPOINT = "nim:serving:NimEndpoint"
SHARED = ""
"""In place of an endpoint's name: what all of them share, such as nodes and credentials."""
QUIET = frozenset({"same", "read", "refresh", "discard"})
"""Steps that change nothing."""
SHOWN_PATHS = 4


@dataclass(frozen=True, slots=True)
class Applied:
    """One object as it was applied last."""

    endpoint: str
    api_version: str
    kind: str
    namespace: str
    name: str
    inputs: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def applied(state: Mapping[str, Any]) -> tuple[Applied, ...]:
    """The objects of endpoints, of a deployment as `pulumi stack export` gives it."""
    resources = [one for one in state.get("resources", []) if not one.get("delete")]
    parents = _parents(state)
    return tuple(
        Applied(
            endpoint=endpoint,
            api_version=inputs["apiVersion"],
            kind=inputs["kind"],
            namespace=inputs["metadata"].get("namespace", ""),
            name=inputs["metadata"]["name"],
            inputs=inputs,
        )
        for one in resources
        if one["type"].startswith(KUBERNETES)
        and (endpoint := _owner(one["urn"], parents)) != SHARED
        and (inputs := one.get("inputs", {})).get("metadata", {}).get("name")
    )


def pending(steps: Iterable[Mapping[str, Any]], state: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """What an up would do, of the steps of `pulumi preview --json`; what no endpoint owns stands under SHARED.

    What does not change need not be among the steps: `state` knows its parents.
    """
    steps = list(steps)
    parents = _parents(state)
    parents |= {one["urn"]: (one.get("newState") or one.get("oldState") or {}).get("parent", "") for one in steps}
    found: dict[str, tuple[str, ...]] = {}
    for one in steps:
        if one["op"] not in QUIET and not one["urn"].split("::")[2].endswith("pulumi:pulumi:Stack"):
            owner = _owner(one["urn"], parents)
            found[owner] = (*found.get(owner, ()), _told(one))
    return found


def _parents(state: Mapping[str, Any]) -> dict[str, str]:
    return {one["urn"]: one.get("parent", "") for one in state.get("resources", [])}


def _owner(urn: str, parents: Mapping[str, str]) -> str:
    """Name of the endpoint that a resource is part of, itself included."""
    while urn:
        *_, types, name = urn.split("::")
        if types.rpartition("$")[2] == ENDPOINT:
            return name
        urn = parents.get(urn, "")
    return SHARED


def _told(step: Mapping[str, Any]) -> str:
    *_, types, name = step["urn"].split("::")
    kind = types.rpartition("$")[2].rpartition(":")[2]
    paths = sorted(step.get("detailedDiff") or ())
    more = ", …" if len(paths) > SHOWN_PATHS else ""
    return f"{step['op']} {kind} {name}" + (f" ({', '.join(paths[:SHOWN_PATHS])}{more})" if paths else "")
