"""What the engine says in the events of a preview: its resources, what it would do to them, and what went wrong."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nim_policy import Planned
from stacks.report.changes import Change, Operation, change_of

Event = Mapping[str, Any]  # Any: JSON

OWNERS = ("nim:serving:NimEndpoint", "nim:compute:GpuNodePool")
STACK = "pulumi:pulumi:Stack"
_OPERATIONS = {
    "create": Operation.CREATE,
    "import": Operation.CREATE,
    "update": Operation.UPDATE,
    "replace": Operation.REPLACE,
    "delete": Operation.DELETE,
    "same": Operation.SAME,
}
"""By the engine's word. The two halves of a replacement have words of their own; it is told once."""


@dataclass(frozen=True, slots=True)
class EnginePreview:
    """Components are left out, for they are their children, and so are providers and the stack itself."""

    resources: Mapping[str, Planned]
    """What the program registered, by URN."""
    owners: Mapping[str, str]
    """Name of the endpoint or pool that a resource belongs to, by URN."""
    changes: tuple[Change, ...]
    outputs: Mapping[str, Any]
    """What the stack exports as it is deployed; empty for one that is not."""
    errors: tuple[str, ...]


def parse_events(text: str) -> tuple[Event, ...]:
    """Of an event log: one JSON object a line."""
    return tuple(json.loads(line) for line in text.splitlines() if line.strip())


def engine_preview(log: Sequence[Event]) -> EnginePreview:
    steps = [step for event in log if (step := event.get("resourcePreEvent", {}).get("metadata"))]
    owners = _owners(steps)
    shown = [step for step in steps if not step["type"].startswith(("pulumi:", "nim:"))]
    stack: Event = next((step for step in steps if step["type"] == STACK), {})
    return EnginePreview(
        resources={step["urn"]: _planned(step) for step in shown if step.get("new")},
        owners=owners,
        changes=tuple(
            Change(_OPERATIONS[step["op"]], _planned(step), owners.get(step["urn"]), _properties(step))
            for step in shown
            if step["op"] in _OPERATIONS
        ),
        outputs=(stack.get("old") or {}).get("outputs") or {},
        errors=tuple(_errors(log)),
    )


def compared(before: EnginePreview, after: EnginePreview) -> tuple[Change, ...]:
    """What carrying out `after` would do where `before` had been carried out."""
    owners = {**before.owners, **after.owners}
    urns = dict.fromkeys([*before.resources, *after.resources])
    return tuple(change_of(before.resources.get(urn), after.resources.get(urn), owners.get(urn)) for urn in urns)


def _planned(step: Event) -> Planned:
    return Planned(step["urn"], step["type"], (step.get("new") or step["old"])["inputs"])


def _properties(step: Event) -> tuple[str, ...]:
    """What forces a replacement, else what differs."""
    forcing = step.get("keys") or () if step["op"] == "replace" else ()
    return tuple(forcing) or tuple(sorted(step.get("detailedDiff") or step.get("diffs") or ()))


def _owners(steps: Sequence[Event]) -> Mapping[str, str]:
    parents = {step["urn"]: (step.get("new") or step.get("old") or {}).get("parent") or "" for step in steps}
    found = {}
    for urn in parents:
        at = urn
        while at and at.split("::")[2].rpartition("$")[2] not in OWNERS:
            at = parents.get(at, "")
        if at:
            found[urn] = at.rpartition("::")[2]
    return found


def _errors(log: Sequence[Event]) -> Iterator[str]:
    for event in log:
        told = event.get("diagnosticEvent", {})
        if told.get("severity") == "error":
            yield told["message"].strip()
