"""Fetches what a judgement of readiness needs beside the object: its pods and their events, slices, storage class."""

from collections.abc import Mapping, Sequence

from nim_sandbox.kubernetes_plugin.client import Cluster, Object
from nim_sandbox.kubernetes_plugin.pods import STUCK_SECONDS, worst
from nim_sandbox.kubernetes_plugin.readiness import NOTHING, Failed, Live, Surroundings, Waiting, condition

REVISION = "deployment.kubernetes.io/revision"
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


def surroundings(cluster: Cluster, live: Live) -> Surroundings:  # noqa: PLR0911 - one return a kind
    """Asks the server only what the kind needs; `live` is the object as it stands there."""
    match live.get("kind"):
        case "Deployment":
            return _around_pods(cluster, live, _newest_pods(cluster, live))
        case "StatefulSet" | "DaemonSet":
            return _around_pods(cluster, live, _pods(cluster, live, live["spec"]["selector"].get("matchLabels")))
        case "Job":
            labels = (live["spec"].get("selector") or {}).get("matchLabels")
            return _around_pods(cluster, live, _pods(cluster, live, labels), crashes_count=False)
        case "Pod":
            return _around_pods(cluster, live, [live])
        case "Service":
            return _around_service(cluster, live)
        case "PersistentVolumeClaim":
            return Surroundings(binds_late=_binds_late(cluster, live["spec"].get("storageClassName")))
        case _:
            return NOTHING


def _pods(cluster: Cluster, live: Live, labels: Mapping[str, str] | None) -> list[Object]:
    if not labels:
        return []
    namespace = live["metadata"]["namespace"]
    return cluster.list(f"/api/v1/namespaces/{namespace}/pods", labelSelector=_selector(labels))


def _newest_pods(cluster: Cluster, live: Live) -> list[Object]:
    """Those of the newest ReplicaSet: what an older revision does is no longer of interest."""
    labels = live["spec"]["selector"].get("matchLabels") or {}
    sets = cluster.list(
        f"/apis/apps/v1/namespaces/{live['metadata']['namespace']}/replicasets", labelSelector=_selector(labels)
    )
    revision = (live["metadata"].get("annotations") or {}).get(REVISION)
    for replica_set in sets:
        metadata = replica_set["metadata"]
        owned = any(o.get("uid") == live["metadata"]["uid"] for o in metadata.get("ownerReferences") or ())
        if owned and (metadata.get("annotations") or {}).get(REVISION) == revision:
            return _pods(cluster, live, replica_set["spec"]["selector"].get("matchLabels"))
    return []


def _around_pods(cluster: Cluster, live: Live, pods: Sequence[Live], *, crashes_count: bool = True) -> Surroundings:
    return Surroundings(pods=pods, trouble=worst(pods, _events(cluster, live, pods), crashes_count=crashes_count))


def _events(cluster: Cluster, live: Live, pods: Sequence[Live]) -> dict[str, list[str]]:
    """Reasons of the events of the pods that found no node; other pods' events tell nothing new."""
    homeless = [p for p in pods if condition(p, "PodScheduled").get("reason") == "Unschedulable"]
    if not homeless:
        return {}
    path = f"/api/v1/namespaces/{live['metadata']['namespace']}/events"
    events = cluster.list(path, fieldSelector="involvedObject.kind=Pod")
    names = {p["metadata"]["name"] for p in homeless}
    reasons: dict[str, list[str]] = {name: [] for name in names}
    for event in events:
        if (name := event["involvedObject"].get("name")) in names:
            reasons[name].append(event.get("reason", ""))
    return reasons


def _around_service(cluster: Cluster, live: Live) -> Surroundings:
    """The newest pod stands for all: older ones may be about to be replaced."""
    metadata = live["metadata"]
    slices = cluster.list(
        f"/apis/discovery.k8s.io/v1/namespaces/{metadata['namespace']}/endpointslices",
        labelSelector=f"kubernetes.io/service-name={metadata['name']}",
    )
    pods = _pods(cluster, live, live["spec"].get("selector"))
    newest = sorted(pods, key=lambda p: str(p["metadata"]["creationTimestamp"]))[-1:]
    trouble = worst(newest, _events(cluster, live, newest))
    if isinstance(trouble, Failed):
        trouble = Waiting(trouble.text, STUCK_SECONDS)
    return Surroundings(pods=pods, trouble=trouble, endpoint_slices=slices)


def _binds_late(cluster: Cluster, class_name: str | None) -> bool:
    if class_name == "":
        return False
    for storage_class in cluster.list("/apis/storage.k8s.io/v1/storageclasses"):
        metadata = storage_class["metadata"]
        is_default = (metadata.get("annotations") or {}).get(DEFAULT_CLASS) == "true"
        if metadata["name"] == class_name or (class_name is None and is_default):
            return bool(storage_class.get("volumeBindingMode") == "WaitForFirstConsumer")
    return False


def _selector(labels: Mapping[str, str]) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
