"""When an object counts as ready: one pure judgement a kind, of the live object and what stands around it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from nim_sandbox.values import Value

Live = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Ready:
    """Nothing more to wait for."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Not yet, and why."""

    text: str
    gives_up_after_seconds: float | None = None
    """How long this may last without a break before it counts as failed; None: until the timeout."""


@dataclass(frozen=True, slots=True)
class Failed:
    """It will not become ready, and why."""

    text: str


Verdict = Ready | Waiting | Failed
READY = Ready()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a judgement needs beside the object itself; empty where its kind needs none."""

    pods: Sequence[Live] = ()
    trouble: Waiting | Failed | None = None
    """The worst that is known of these pods."""
    endpoint_slices: Sequence[Live] = ()
    binds_late: bool = False
    """The claim's storage class waits for the first pod."""


NOTHING = Surroundings()
FAILED_CREATE_SECONDS = 10.0
"""A controller that may not create pods (quota, admission) retries; what it waits for comes within seconds or never."""


def _status(live: Live) -> Live:
    return live.get("status") or {}


def _spec(live: Live) -> Live:
    return live.get("spec") or {}


def condition(live: Live, name: str) -> Live:
    """Empty where the object has no such condition."""
    return next((c for c in _status(live).get("conditions") or () if c.get("type") == name), {})


def _observed(live: Live) -> bool:
    return bool(_status(live).get("observedGeneration", 0) >= live["metadata"].get("generation", 0))


def _because(text: str, around: Surroundings) -> Verdict:
    """Waiting for `text`, with the trouble of the pods where there is any."""
    match around.trouble:
        case Failed(reason):
            return Failed(f"{text}; {reason}")
        case Waiting(reason, seconds):
            return Waiting(f"{text}; {reason}", seconds)
        case _:
            return Waiting(text)


def deployment(live: Live, around: Surroundings) -> Verdict:
    if _spec(live).get("paused"):
        return READY
    if not _observed(live):
        return Waiting("the controller has not seen it yet")
    status, desired = _status(live), _spec(live).get("replicas", 1)
    updated, available = status.get("updatedReplicas", 0), status.get("availableReplicas", 0)
    if updated >= desired and available >= desired and status.get("replicas", 0) <= updated:
        return READY
    text = f"{min(updated, available)} of {desired} pods available"
    progress = condition(live, "Progressing")
    if progress.get("reason") == "ProgressDeadlineExceeded":
        verdict = _because(text, around)
        return Failed(f"{verdict.text if not isinstance(verdict, Ready) else text}; {progress.get('message', '')}")
    failure = condition(live, "ReplicaFailure")
    if failure.get("status") == "True" and around.trouble is None:
        return Waiting(f"{text}; {failure.get('message', '')}", FAILED_CREATE_SECONDS)
    return _because(text, around)


def stateful_set(live: Live, around: Surroundings) -> Verdict:
    status, desired = _status(live), _spec(live).get("replicas", 1)
    if not _observed(live):
        return Waiting("the controller has not seen it yet")
    partitioned = ((_spec(live).get("updateStrategy") or {}).get("rollingUpdate") or {}).get("partition")
    updated = partitioned or status.get("currentRevision") == status.get("updateRevision")
    if status.get("readyReplicas", 0) >= desired and (updated or desired == 0):
        return READY
    return _because(f"{status.get('readyReplicas', 0)} of {desired} pods ready", around)


def daemon_set(live: Live, around: Surroundings) -> Verdict:
    status = _status(live)
    if not _observed(live):
        return Waiting("the controller has not seen it yet")
    desired = status.get("desiredNumberScheduled", 0)
    done = min(status.get("updatedNumberScheduled", 0), status.get("numberAvailable", 0))
    return READY if done >= desired else _because(f"{done} of {desired} pods available", around)


def job(live: Live, around: Surroundings) -> Verdict:
    if _spec(live).get("suspend") or condition(live, "Complete").get("status") == "True":
        return READY
    failed = condition(live, "Failed")
    if failed.get("status") == "True":
        text = f"{failed.get('reason', 'Failed')}: {failed.get('message', '')}"
        return Failed(f"{text}; {around.trouble.text}" if around.trouble else text)
    wanted = _spec(live).get("completions", 1)
    return _because(f"{_status(live).get('succeeded', 0)} of {wanted} completions", around)


def service(live: Live, around: Surroundings) -> Verdict:
    spec = _spec(live)
    if spec.get("type") == "ExternalName" or spec.get("clusterIP") == "None" or not spec.get("selector"):
        return READY
    for piece in around.endpoint_slices:
        for endpoint in piece.get("endpoints") or ():
            if endpoint.get("addresses") and (endpoint.get("conditions") or {}).get("ready") is not False:
                return READY
    return _because("no ready pod behind it", around)


def claim(live: Live, around: Surroundings) -> Verdict:
    phase = _status(live).get("phase", "Pending")
    if phase == "Bound" or (phase == "Pending" and around.binds_late):
        return READY
    if phase == "Lost":
        return Failed("its volume is lost")
    return Waiting(f"phase {phase}, not bound to a volume")


def volume(live: Live, around: Surroundings) -> Verdict:
    del around
    phase = _status(live).get("phase", "Pending")
    if phase in ("Available", "Bound"):
        return READY
    return (
        Failed(f"phase Failed: {_status(live).get('message', '')}") if phase == "Failed" else Waiting(f"phase {phase}")
    )


def pod(live: Live, around: Surroundings) -> Verdict:
    status = _status(live)
    if status.get("phase") == "Succeeded" or condition(live, "Ready").get("status") == "True":
        return READY
    return _because(f"phase {status.get('phase', 'Pending')}", around)


def namespace(live: Live, around: Surroundings) -> Verdict:
    del around
    phase = _status(live).get("phase", "unknown")
    return READY if phase == "Active" else Waiting(f"phase {phase}")


def node(live: Live, around: Surroundings) -> Verdict:
    del around
    ready = condition(live, "Ready")
    return READY if ready.get("status") == "True" else Waiting(f"not Ready: {ready.get('message') or 'no report yet'}")


def definition(live: Live, around: Surroundings) -> Verdict:
    del around
    names = condition(live, "NamesAccepted")
    if names.get("status") == "False":
        return Failed(f"names not accepted: {names.get('message', '')}")
    return READY if condition(live, "Established").get("status") == "True" else Waiting("not Established")


@dataclass(frozen=True, slots=True)
class Rule:
    """How one kind is waited for."""

    judge: Callable[[Live, Surroundings], Verdict]
    timeout_seconds: float = 600.0
    """Where neither the program nor an annotation says; as the genuine plugin has it."""


RULES = {
    "v1/Namespace": Rule(namespace),
    "v1/Node": Rule(node),
    "v1/PersistentVolume": Rule(volume, 300.0),
    "v1/PersistentVolumeClaim": Rule(claim, 300.0),
    "v1/Pod": Rule(pod),
    "v1/Service": Rule(service),
    "apps/v1/Deployment": Rule(deployment),
    "apps/v1/StatefulSet": Rule(stateful_set),
    "apps/v1/DaemonSet": Rule(daemon_set),
    "batch/v1/Job": Rule(job),
    "apiextensions.k8s.io/v1/CustomResourceDefinition": Rule(definition, 60.0),
}
"""Kinds that are not here are ready as soon as the server has them."""

ALWAYS = Rule(lambda _live, _around: READY)


def rule_of(obj: Live) -> Rule:
    return RULES.get(f"{obj.get('apiVersion')}/{obj.get('kind')}", ALWAYS)
