"""What keeps a pod from becoming ready, in the words of the scheduler, the kubelet or the container itself."""

from collections.abc import Iterator, Mapping, Sequence

from nim_sandbox.kubernetes_plugin.readiness import Failed, Live, Waiting, condition

UNSCHEDULABLE_SECONDS = 30.0
"""Without an autoscaler's sign nothing will make room; the genuine plugin waits for its full timeout instead."""
STUCK_SECONDS = 10.0
"""A broken pod may be one that is being replaced right now."""
CRASHES = 3
"""Ends with an error after which a container is not given another chance."""
MESSAGE_CHARACTERS = 500

AUTOSCALER_REASONS = frozenset({"TriggeredScaleUp", "Nominated", "NominatedNode"})
"""Events of cluster-autoscaler and Karpenter that announce a node for the pod."""
IMAGE_REASONS = frozenset({"ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"})
EVICTIONS = frozenset({"Evicted", "NodeLost", "Preempting", "Shutdown", "Terminated", "NodeShutdown"})
"""Reasons of a failed pod that say nothing about its container."""


def worst(
    pods: Sequence[Live], events: Mapping[str, Sequence[str]], *, crashes_count: bool = True
) -> Waiting | Failed | None:
    """The worst trouble of these pods: a failure, else what gives up soonest, else the first by name.

    `events` holds the reasons of each pod's events, by pod name. With `crashes_count` false a crash is told but is
    no failure: a Job's controller counts them itself.
    """
    found = [t for p in sorted(pods, key=lambda p: str(p["metadata"]["name"])) if (t := trouble(p, events))]
    if not crashes_count:
        found = [Waiting(t.text) if isinstance(t, Failed) and "exit code" in t.text else t for t in found]
    failed = [t for t in found if isinstance(t, Failed)]
    if failed:
        return failed[0]
    waiting = [t for t in found if isinstance(t, Waiting)]
    return min(waiting, key=lambda w: w.gives_up_after_seconds or float("inf"), default=None)


def trouble(  # noqa: PLR0911 - one return for each thing that can be the matter
    pod: Live, events: Mapping[str, Sequence[str]]
) -> Waiting | Failed | None:
    """None for a pod that is ready, done, or on its way out."""
    status = pod.get("status") or {}
    if pod["metadata"].get("deletionTimestamp") or condition(pod, "Ready").get("status") == "True":
        return None
    name = f"pod {pod['metadata']['name']}"
    for container in _containers(status):
        found = _container_trouble(container, never_restarts=pod["spec"].get("restartPolicy") == "Never")
        if found:
            return type(found)(f"{name}: {found.text}")
    scheduled = condition(pod, "PodScheduled")
    match status.get("phase"):
        case "Succeeded":
            return None
        case "Failed" if status.get("reason") not in EVICTIONS:
            return Failed(
                f"{name}: failed: {one_line(status.get('message') or status.get('reason') or 'no reason given')}"
            )
        case _ if scheduled.get("reason") == "Unschedulable":
            coming = AUTOSCALER_REASONS.intersection(events.get(pod["metadata"]["name"], ()))
            text = f"{name}: Unschedulable: {one_line(scheduled.get('message', ''))}"
            return Waiting(f"{text} (a node is on its way)") if coming else Waiting(text, UNSCHEDULABLE_SECONDS)
        case _ if scheduled.get("status") != "True":
            return Waiting(f"{name}: not scheduled yet")
        case phase:
            return Waiting(f"{name}: {_activity(status) or phase or 'Pending'}")


def _containers(status: Live) -> Iterator[Live]:
    yield from status.get("initContainerStatuses") or ()
    yield from status.get("containerStatuses") or ()


def _container_trouble(container: Live, *, never_restarts: bool) -> Failed | None:
    state = container.get("state") or {}
    waiting = state.get("waiting") or {}
    ended = state.get("terminated") or (container.get("lastState") or {}).get("terminated") or {}
    restarts = container.get("restartCount", 0)
    name = container.get("name", "?")
    if waiting.get("reason") in IMAGE_REASONS:
        return Failed(f"container {name}: {waiting['reason']}: {one_line(waiting.get('message', ''))}")
    crashed = ended.get("exitCode", 0) != 0
    final = bool(state.get("terminated")) and never_restarts
    if waiting.get("reason") == "CrashLoopBackOff" or (crashed and (restarts >= CRASHES or final)):
        said = one_line(ended.get("message") or "no message")
        how = "" if ended.get("reason") in {None, "Error"} else f" ({ended['reason']})"
        again = f" ({restarts} restarts)" if restarts else ""
        return Failed(f"container {name} ended with exit code {ended.get('exitCode', '?')}{how}: {said}{again}")
    return None


def _activity(status: Live) -> str:
    for container in _containers(status):
        state = container.get("state") or {}
        if reason := (state.get("waiting") or {}).get("reason"):
            message = one_line((state["waiting"]).get("message", ""))
            return f"container {container.get('name')}: {reason}" + (f": {message}" if message else "")
        if "running" in state and not container.get("ready"):
            return f"container {container.get('name')} runs, but is not ready"
    return ""


def one_line(text: str) -> str:
    joined = " ".join(text.split())
    return joined if len(joined) <= MESSAGE_CHARACTERS else joined[: MESSAGE_CHARACTERS - 1] + "…"
