"""The annotation `pulumi.com/waitFor`: when an object counts as ready, in its author's words."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nim_sandbox.kubernetes_plugin.readiness import READY, Verdict, Waiting
from nim_sandbox.values import Value

STEP = re.compile(r"\.([A-Za-z_][\w/-]*(?:\\\.[\w/-]+)*)|\[(\d+)\]|\['([^']+)'\]")
HELP = "give condition=Type, condition=Type=Status, jsonpath={.path}=value, jsonpath={.path}, or a JSON list of these"


class BadWaitFor(Exception):
    """The annotation cannot be understood; the message names what was found and what would be."""


@dataclass(frozen=True, slots=True)
class Condition:
    """An entry of `status.conditions`."""

    type: str
    status: str = "True"

    def met(self, live: Mapping[str, Value]) -> bool:
        """A condition that says of which generation it speaks counts only for the present one."""
        generation = live["metadata"].get("generation", 0)
        return any(
            c.get("type") == self.type
            and c.get("status") == self.status
            and c.get("observedGeneration", generation) >= generation
            for c in (live.get("status") or {}).get("conditions") or []
        )

    def __str__(self) -> str:
        return f"condition {self.type}={self.status}"


@dataclass(frozen=True, slots=True)
class JsonPath:
    """A field; `value` None asks only that it exists."""

    steps: tuple[str | int, ...]
    value: str | None
    text: str

    def met(self, live: Mapping[str, Value]) -> bool:
        found: Value = live
        for step in self.steps:
            try:
                found = found[step]
            except (KeyError, IndexError, TypeError):
                return False
        shown = found if isinstance(found, str) else json.dumps(found)
        return self.value is None or shown == self.value

    def __str__(self) -> str:
        return f"{self.text}={self.value}" if self.value is not None else self.text


def parse_wait_for(text: str) -> Sequence[Condition | JsonPath]:
    """All must be met. JSON paths are plain: fields and positions, no filters or wildcards. Raises BadWaitFor."""
    if text.strip().startswith("["):
        try:
            items = json.loads(text)
        except ValueError as error:
            raise BadWaitFor(f"is {text!r}, which is no JSON list; {HELP}") from error
        if not items or not all(isinstance(item, str) for item in items):
            raise BadWaitFor(f"is {text!r}; the list must hold texts, one at least")
        return [_parse_one(item) for item in items]
    return [_parse_one(text)]


def _parse_one(text: str) -> Condition | JsonPath:
    kind, _, rest = text.strip().partition("=")
    if kind == "condition" and rest:
        type_, _, status = rest.partition("=")
        return Condition(type_, status or "True")
    if kind == "jsonpath" and (match := re.fullmatch(r"\{?([^{}=]+)\}?(?:=(.*))?", rest)):
        path, value = match.group(1), match.group(2)
        if "".join(step.group(0) for step in STEP.finditer(path)) == path:
            return JsonPath(tuple(_step(step) for step in STEP.finditer(path)), value, path)
    raise BadWaitFor(f"is {text!r}; {HELP}")


def _step(step: re.Match[str]) -> str | int:
    field, position, quoted = step.groups()
    return int(position) if position else quoted or field.replace("\\.", ".")


def judge_wait_for(text: str, live: Mapping[str, Value]) -> Verdict:
    unmet = [str(wish) for wish in parse_wait_for(text) if not wish.met(live)]
    return Waiting(f"waiting for {', '.join(unmet)}") if unmet else READY
