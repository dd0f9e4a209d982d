"""The `pulumi.com/` annotations that steer the plugin; names and meanings are the genuine plugin's."""

from collections.abc import Mapping

from nim_sandbox.kubernetes_plugin.wait_for import BadWaitFor, parse_wait_for
from nim_sandbox.values import Value, is_true, plain

AUTONAMED = "pulumi.com/autonamed"
PATCH_FORCE = "pulumi.com/patchForce"
SKIP_AWAIT = "pulumi.com/skipAwait"
REPLACE_UNREADY = "pulumi.com/replaceUnready"
WAIT_FOR = "pulumi.com/waitFor"
TIMEOUT_SECONDS = "pulumi.com/timeoutSeconds"
DELETION_PROPAGATION = "pulumi.com/deletionPropagationPolicy"

PROPAGATION = {"foreground": "Foreground", "background": "Background", "orphan": "Orphan"}


def annotation(obj: Mapping[str, Value], name: str) -> str | None:
    """None where it is absent or unknown."""
    metadata = plain(obj.get("metadata"))
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    value = annotations.get(name) if isinstance(annotations, dict) else None
    return value if isinstance(value, str) else None


def faults(obj: Mapping[str, Value]) -> list[tuple[str, str]]:
    """Path and reason of every annotation that cannot be understood."""
    found = []
    timeout = annotation(obj, TIMEOUT_SECONDS)
    if timeout is not None and not timeout.isdecimal():
        found.append((TIMEOUT_SECONDS, f"is {timeout!r}; give whole seconds, such as '600'"))
    propagation = annotation(obj, DELETION_PROPAGATION)
    if propagation is not None and propagation.lower() not in PROPAGATION:
        found.append((DELETION_PROPAGATION, f"is {propagation!r}; give one of {', '.join(PROPAGATION)}"))
    wait_for = annotation(obj, WAIT_FOR)
    if wait_for is not None:
        try:
            parse_wait_for(wait_for)
        except BadWaitFor as bad:
            found.append((WAIT_FOR, str(bad)))
    return [(f'metadata.annotations["{name}"]', reason) for name, reason in found]


def skips_waiting(obj: Mapping[str, Value]) -> bool:
    return is_true(annotation(obj, SKIP_AWAIT))


def replaces_unready(obj: Mapping[str, Value]) -> bool:
    """Honoured for Jobs alone."""
    return obj.get("kind") == "Job" and is_true(annotation(obj, REPLACE_UNREADY))


def forces(obj: Mapping[str, Value]) -> bool:
    return is_true(annotation(obj, PATCH_FORCE))


def timeout_seconds(obj: Mapping[str, Value], requested: float, default: float) -> float:
    """`customTimeouts` first, then the annotation, then the kind's default."""
    written = annotation(obj, TIMEOUT_SECONDS)
    return requested or (float(written) if written and written.isdecimal() else 0) or default


def propagation_policy(obj: Mapping[str, Value]) -> str:
    return PROPAGATION.get((annotation(obj, DELETION_PROPAGATION) or "").lower(), "Foreground")
