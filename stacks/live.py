"""What a running cluster says of our endpoints. Read only; never part of planning."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx2
from lightkube import ApiError, Client, KubeConfig
from lightkube.config import client_adapter
from lightkube.core.exceptions import ConfigError, LoadResourceError
from lightkube.models.core_v1 import ContainerStatus
from lightkube.models.core_v1 import Pod as PodModel
from lightkube.resources.core_v1 import PersistentVolumeClaim, Pod

from pulumi_nim.manifests.group import GROUP_INDEX_LABEL, GROUP_SIZE_ANNOTATION
from pulumi_nim.manifests.pod import SERVER

UNREACHABLE = (httpx2.HTTPError, ApiError, OSError, LoadResourceError, ConfigError)


@dataclass(frozen=True, slots=True)
class Replica:
    """One pod of an endpoint, or one group of pods."""

    nodes: tuple[str, ...]
    ready: bool
    trouble: str | None
    """Why it is not ready, in the cluster's own words; None where nothing is known to be wrong."""


@dataclass(frozen=True, slots=True)
class Serving:
    """A pod that serves, as the cluster knows it."""

    log: str
    started: datetime
    """Its container."""
    ready: datetime


def client(kubeconfig: Path, context: str) -> Client:
    return Client(config=KubeConfig.from_file(str(kubeconfig)).get(context_name=context))


def plain_client(kubeconfig: Path, context: str) -> httpx2.Client:
    """For what has no type: objects as they are, logs, and what pods answer behind the API server's proxy."""
    config = KubeConfig.from_file(str(kubeconfig)).get(context_name=context)
    if config is None:
        raise LoadResourceError(f"no context {context} in {kubeconfig}")
    return client_adapter.Client(config, client_adapter.ConnectionParams())


Selectors = Mapping[str, Mapping[str, str]]
"""By endpoint: labels that its pods have, and no other's."""


def replicas(api: Client, namespace: str, selectors: Selectors) -> Mapping[str, tuple[Replica, ...]]:
    """Of pods that are not on their way out, by endpoint, in the order of their names."""
    return replicas_of(api.list(Pod, namespace=namespace), selectors)


def replicas_of(pods: Iterable[PodModel], selectors: Selectors) -> Mapping[str, tuple[Replica, ...]]:
    """A replica of several nodes is ready once all of its pods are there and ready."""
    found: dict[str, dict[str, list[PodModel]]] = {}
    for pod in sorted(pods, key=lambda one: (one.metadata and one.metadata.name) or ""):
        if pod.metadata is None or pod.metadata.deletionTimestamp is not None:
            continue
        labels = pod.metadata.labels or {}
        group = labels.get(GROUP_INDEX_LABEL, pod.metadata.name or "")
        for endpoint, selector in selectors.items():
            if selector.items() <= labels.items():
                found.setdefault(endpoint, {}).setdefault(group, []).append(pod)
    return {name: tuple(_replica(group) for group in groups.values()) for name, groups in found.items()}


def _replica(pods: Sequence[PodModel]) -> Replica:
    parts = [_pod(pod) for pod in pods]
    annotations = (pods[0].metadata and pods[0].metadata.annotations) or {}
    whole = len(pods) == int(annotations.get(GROUP_SIZE_ANNOTATION, "1"))
    return Replica(
        nodes=tuple(node for part in parts for node in part.nodes),
        ready=whole and all(part.ready for part in parts),
        trouble=next((part.trouble for part in parts if part.trouble), None),
    )


def _pod(pod: PodModel) -> Replica:
    status = pod.status
    conditions = {condition.type: condition for condition in (status.conditions if status else None) or []}
    ready = conditions.get("Ready")
    scheduled = conditions.get("PodScheduled")
    trouble = None
    if scheduled is not None and scheduled.status == "False":
        trouble = f"Pending: {scheduled.message or scheduled.reason}"
    for container in (status.containerStatuses if status else None) or []:
        trouble = _container_trouble(container) or trouble
    return Replica(
        nodes=(pod.spec.nodeName,) if pod.spec and pod.spec.nodeName else (),
        ready=ready is not None and ready.status == "True",
        trouble=trouble and trouble.strip(),
    )


def _container_trouble(container: ContainerStatus) -> str | None:
    """How it ended, without what it wrote: that is a page, in no markup of ours, and may hold secrets."""
    waiting = container.state and container.state.waiting
    for one in (container.state, container.lastState):
        if one and one.terminated and one.terminated.exitCode:
            back = f"{waiting.reason} after " if waiting else ""
            return f"{back}exit {one.terminated.exitCode}, {one.terminated.reason or 'Error'}"
    return f"{waiting.reason}: {waiting.message}" if waiting and waiting.message else None


def serving(api: Client, namespace: str, endpoint: str) -> Serving | None:
    """The ready pod of an endpoint that came last; None where there is none."""
    pods = list(api.list(Pod, namespace=namespace, labels={"app.kubernetes.io/instance": endpoint}))
    found = [(times, pod.metadata.name or "") for pod in pods if pod.metadata and (times := times_of(pod))]
    if not found:
        return None
    (started, ready), name = max(found)
    return Serving("\n".join(api.log(name, namespace=namespace, container=SERVER, newlines=False)), started, ready)


def times_of(pod: PodModel) -> tuple[datetime, datetime] | None:
    """When its container started, and when it became ready."""
    status = pod.status
    ready = next((one for one in (status and status.conditions) or () if one.type == "Ready"), None)
    server = next((one for one in (status and status.containerStatuses) or () if one.name == SERVER), None)
    running = server and server.state and server.state.running
    if ready is None or ready.status != "True" or not running:
        return None
    if running.startedAt is None or ready.lastTransitionTime is None:
        return None
    return running.startedAt, ready.lastTransitionTime


def claims(api: Client, namespace: str) -> tuple[str, ...]:
    """Names of the claims of our caches."""
    found = api.list(PersistentVolumeClaim, namespace=namespace, labels={"app.kubernetes.io/part-of": "pulumi-nim"})
    return tuple(sorted((claim.metadata and claim.metadata.name) or "" for claim in found))
