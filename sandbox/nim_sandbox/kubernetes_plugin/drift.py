"""What someone else changed: the inputs as the cluster has them now."""

from collections.abc import Mapping, Sequence

from nim_sandbox.kubernetes_plugin.property_path import parse_path
from nim_sandbox.values import Path, Secret, Value, plain

SERVER_METADATA = frozenset({"creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"})
CONTROLLER_ANNOTATIONS = frozenset(
    {"deployment.kubernetes.io/revision", "kubectl.kubernetes.io/last-applied-configuration"}
)
_ABSENT = object()


def drifted(inputs: Value, before: Value, now: Value) -> Value:
    """`inputs` with the value of `now` wherever the live object changed since `before`.

    Only fields that the inputs set are looked at. A field that the server merely writes differently (`1024Mi` as
    `1Gi`) did not change between the two, and keeps the program's spelling. Fields that went are left out.
    """
    if isinstance(inputs, Secret):
        changed = drifted(inputs.value, before, now)
        return changed if changed is _ABSENT else Secret(changed)
    if now is _ABSENT or (now is None and before is not None):
        return _ABSENT
    if isinstance(inputs, dict) and isinstance(now, dict):
        then = before if isinstance(before, dict) else {}
        merged = {key: drifted(value, then.get(key), now.get(key, _gone(key, then))) for key, value in inputs.items()}
        return {key: value for key, value in merged.items() if value is not _ABSENT}
    if isinstance(inputs, list) and isinstance(now, list) and isinstance(before, list):
        if len(inputs) == len(before) == len(now):
            return [drifted(item, then, live) for item, then, live in zip(inputs, before, now, strict=True)]
        return inputs if now == before else now
    return inputs if now == before else now


def _gone(key: str, before: Mapping[str, Value]) -> Value:
    """A field that the server never kept (`stringData`) is not missing now."""
    return _ABSENT if key in before else None


def imported(live: Mapping[str, Value]) -> dict[str, Value]:
    """Inputs for an object that no program made yet: all of it but what servers and controllers write."""
    inputs = {key: value for key, value in live.items() if key != "status"}
    metadata = {key: value for key, value in live["metadata"].items() if key not in SERVER_METADATA}
    if annotations := metadata.pop("annotations", None):
        kept = {key: value for key, value in annotations.items() if key not in CONTROLLER_ANNOTATIONS}
        metadata |= {"annotations": kept} if kept else {}
    if live.get("kind") == "Namespace":
        inputs.pop("spec", None)
        labels = {k: v for k, v in metadata.pop("labels", {}).items() if k != "kubernetes.io/metadata.name"}
        metadata |= {"labels": labels} if labels else {}
    return {**inputs, "metadata": metadata}


def leave_ignored(obj: dict[str, Value], live: Mapping[str, Value], ignored: Sequence[str]) -> dict[str, Value]:
    """`obj` with the live values at the paths of `ignoreChanges`, so that nothing is taken from their owners."""
    for text in ignored:
        obj = _copied(obj, live, parse_path(text))
    return obj


def _copied(value: Value, live: Value, path: Path) -> Value:
    if not path:
        return live
    step, rest = path[0], path[1:]
    if isinstance(value, list) and isinstance(live, list) and len(value) == len(live):
        return [
            _copied(item, other, rest) if step in ("*", position) else item
            for position, (item, other) in enumerate(zip(value, live, strict=True))
        ]
    if isinstance(value, dict) and isinstance(live, dict) and step in value and step in live:
        return {**value, step: _copied(value[step], live[step], rest)}
    return value


def inputs_after(inputs: dict[str, Value], before: Mapping[str, Value], live: Mapping[str, Value]) -> dict[str, Value]:
    """See `drifted`; for whole objects."""
    result: dict[str, Value] = drifted(inputs, plain(before), live)
    return result
