"""What a running cluster and the endpoints in it say. Read only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import httpx2

from nim_profiles.served_profile import METADATA_PATH
from pulumi_nim.manifests.group import WORKER_INDEX_LABEL
from stacks.live import Selectors
from stacks.status.applied import Applied

Json = Any
"""Of an object of Kubernetes."""
SIMULATED = "kwok.x-k8s.io/node"
"""Annotation of a node without a machine: nothing in its pods can answer."""
OURS = "app.kubernetes.io/part-of=pulumi-nim"
INSTANCE_LABEL = "app.kubernetes.io/instance"
JOB_LABEL = "batch.kubernetes.io/job-name"
"""On a pod of a Job, written by its controller."""
LEADER = "0"
"""WORKER_INDEX_LABEL of the pod that leads a group."""
LOG_LINES = 400
"""A traceback of vLLM has about a hundred, and the line that tells stands before it."""


class NoAnswer(OSError):
    """The API server cannot be reached, or refuses; the message is its own."""


class Forbidden(NoAnswer):
    """We may not read it."""


@dataclass(frozen=True, slots=True)
class Pod:
    name: str
    ready: bool
    serves: bool
    """False for a Job's, and for the workers of a group: only its leader answers requests."""
    simulated: bool
    restarts: int
    exit_code: int | None
    """Of the container that ended last; None where none did."""
    trouble: str | None
    """Why it is not ready, in the cluster's own words."""
    words: str
    """Log, termination messages and events of a pod that is not ready."""
    answer: str | None
    """To METADATA_PATH; None where nobody was asked, or nobody answered."""
    silence: str | None
    """Why a pod that was asked did not answer."""


@dataclass(frozen=True, slots=True)
class Seen:
    objects: tuple[tuple[Applied, Mapping[str, Json] | None], ...]
    """As applied and as it is; None where it is gone."""
    pods: Mapping[str, tuple[Pod, ...]]
    """Those that serve, by endpoint, without those on their way out."""
    jobs: Mapping[str, tuple[tuple[str, Pod], ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Pods of Jobs that are not done yet, each beside the name of its Job, by endpoint."""


class Cluster:
    """Reads one namespace. Every method raises NoAnswer where the API server does not answer."""

    def __init__(self, http: httpx2.Client, namespace: str) -> None:
        self._http = http
        self._namespace = namespace
        self._inside = f"/api/v1/namespaces/{namespace}"

    def see(self, objects: Sequence[Applied], selectors: Selectors, ports: Mapping[str, int]) -> Seen:
        """`ports` are those of the endpoints."""
        found = self._list(f"{self._inside}/pods")
        here = [one for one in found if not _at(one, "metadata", "deletionTimestamp")]
        pods = sorted(here, key=lambda one: str(_at(one, "metadata", "name")))
        events = self._list(f"{self._inside}/events", fieldSelector="involvedObject.kind=Pod")
        simulated = {node for node in {*map(_node, pods)} - {""} if self._simulated(node)}
        jobs = self._jobs()
        return Seen(
            objects=tuple((one, self._get(_path(one))) for one in objects),
            pods={
                endpoint: tuple(
                    self._pod(pod, ports[endpoint], events, simulated=_node(pod) in simulated)
                    for pod in pods
                    if selector.items() <= _at(pod, "metadata", "labels").items()
                )
                for endpoint, selector in selectors.items()
            },
            jobs={
                endpoint: tuple(
                    (job, self._pod(pod, None, events, simulated=_node(pod) in simulated))
                    for pod in pods
                    if jobs.get(job := str(_at(pod, "metadata", "labels", JOB_LABEL))) == endpoint
                )
                for endpoint in selectors
            },
        )

    def _jobs(self) -> dict[str, str]:
        """Endpoint by name of each Job of ours that is not done."""
        path = f"/apis/batch/v1/namespaces/{self._namespace}/jobs"
        return {
            str(_at(one, "metadata", "name")): str(_at(one, "metadata", "labels", INSTANCE_LABEL))
            for one in self._list(path, labelSelector=OURS)
            if not _at(one, "status", "succeeded")
        }

    def _simulated(self, node: str) -> bool:
        """False where we may not look at nodes: then this is no sandbox."""
        try:
            return SIMULATED in _at(self._get(f"/api/v1/nodes/{node}"), "metadata", "annotations")
        except Forbidden:
            return False

    def _pod(self, pod: Json, port: int | None, events: Sequence[Json], *, simulated: bool) -> Pod:
        """`port` None: it serves nothing."""
        name = str(_at(pod, "metadata", "name"))
        statuses = [*_list_at(pod, "status", "initContainerStatuses"), *_list_at(pod, "status", "containerStatuses")]
        ended = [one for status in statuses if (one := _terminated(status))]
        conditions = {one["type"]: one for one in _list_at(pod, "status", "conditions")}
        ready = conditions.get("Ready", {}).get("status") == "True"
        leads = _at(pod, "metadata", "labels").get(WORKER_INDEX_LABEL, LEADER) == LEADER
        serves = leads and port is not None
        answer, silence = (None, None)
        if port is not None and leads and ready and not simulated:
            answer, silence = self._ask(name, port)
        words: list[str] = []
        if not ready:
            words += [f"{_how(one)}\n{one.get('message') or ''}".strip() for one in ended]
            words += [] if simulated else [self._log(name, status) for status in statuses]
            words += [str(one.get("message")) for one in events if _at(one, "involvedObject", "name") == name]
        return Pod(
            name=name,
            ready=ready,
            serves=serves,
            simulated=simulated,
            restarts=sum(int(status.get("restartCount") or 0) for status in statuses),
            exit_code=int(ended[-1]["exitCode"]) if ended else None,
            trouble=None if ready else _trouble(statuses, ended, conditions),
            words="\n".join(words),
            answer=answer,
            silence=silence,
        )

    def _ask(self, pod: str, port: int) -> tuple[str | None, str | None]:
        try:
            found = self._http.get(f"{self._inside}/pods/{pod}:{port}/proxy{METADATA_PATH}")
        except httpx2.HTTPError as error:
            return None, str(error) or type(error).__name__
        return (found.text, None) if found.is_success else (None, f"{METADATA_PATH} answers {found.status_code}")

    def _log(self, pod: str, status: Json) -> str:
        """The end of what it wrote, before its last restart if there was one; empty where nothing is kept."""
        again = "true" if status.get("restartCount") else "false"
        asked = {"container": str(status["name"]), "tailLines": str(LOG_LINES), "previous": again}
        try:
            found = self._http.get(f"{self._inside}/pods/{pod}/log", params=asked)
        except httpx2.HTTPError:
            return ""
        return found.text if found.is_success else ""

    def _get(self, path: str, **asked: str) -> Json:
        """None for what does not exist."""
        try:
            found = self._http.get(path, params=asked)
        except httpx2.HTTPError as error:
            raise NoAnswer(str(error) or type(error).__name__) from None
        if found.status_code == httpx2.codes.NOT_FOUND:
            return None
        if not found.is_success:
            why = f"{path} answers {found.status_code}: {found.text[:200]}"
            raise Forbidden(why) if found.status_code == httpx2.codes.FORBIDDEN else NoAnswer(why)
        return found.json()

    def _list(self, path: str, **asked: str) -> list[Json]:
        return list((self._get(path, **asked) or {}).get("items") or [])


def _path(one: Applied) -> str:
    plural = f"{one.kind.lower()}s" if not one.kind.endswith("y") else f"{one.kind.lower()[:-1]}ies"
    group = f"/apis/{one.api_version}" if "/" in one.api_version else f"/api/{one.api_version}"
    return f"{group}/namespaces/{one.namespace}/{plural}/{one.name}"


def _node(pod: Json) -> str:
    """Empty where it has none."""
    return str(_at(pod, "spec", "nodeName") or "")


def _at(value: Json, *path: str) -> Json:
    """An empty mapping where there is nothing."""
    for step in path:
        value = (value or {}).get(step)
    return {} if value is None else value


def _list_at(value: Json, *path: str) -> list[Json]:
    return list(_at(value, *path))


def _terminated(status: Json) -> Json:
    """How the container ended: now, or before its restart; success is no end that anybody asks for."""
    now, before = _at(status, "state", "terminated"), _at(status, "lastState", "terminated")
    return next((one for one in (now, before) if one.get("exitCode")), None)


def _trouble(statuses: Sequence[Json], ended: Sequence[Json], conditions: Mapping[str, Json]) -> str | None:
    scheduled = conditions.get("PodScheduled", {})
    if scheduled.get("status") == "False":
        return f"Pending: {scheduled.get('message') or scheduled.get('reason')}"
    for one in ended:
        return _how(one)
    waiting = (_at(status, "state", "waiting") for status in statuses)
    return next((": ".join(filter(None, (one.get("reason"), one.get("message")))) for one in waiting if one), None)


def _how(ended: Json) -> str:
    return f"exit {ended['exitCode']}, {ended.get('reason') or 'Error'}"
