import pytest

from nim_sandbox.kubernetes_plugin.readiness import (
    NOTHING,
    READY,
    Failed,
    Ready,
    Surroundings,
    Waiting,
    rule_of,
)
from nim_sandbox.values import Value


def live(kind: str, spec: dict[str, Value], status: dict[str, Value], generation: int = 1) -> dict[str, Value]:
    api_version, _, name = kind.rpartition("/")
    metadata = {"name": "x", "generation": generation}
    return {"apiVersion": api_version, "kind": name, "metadata": metadata, "spec": spec, "status": status}


def condition(kind: str, status: str, **more: str) -> dict[str, Value]:
    return {"conditions": [{"type": kind, "status": status, **more}]}


ROLLED_OUT = {"observedGeneration": 1, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}
STATEFUL = {"observedGeneration": 1, "readyReplicas": 1, "currentRevision": "a", "updateRevision": "a"}
SELECTED = {"selector": {"a": "b"}}


@pytest.mark.parametrize(
    ("kind", "spec", "status"),
    [
        ("apps/v1/Deployment", {"replicas": 2}, ROLLED_OUT),
        ("apps/v1/Deployment", {"replicas": 0}, {"observedGeneration": 1}),
        ("apps/v1/Deployment", {"paused": True}, {}),
        ("apps/v1/StatefulSet", {}, STATEFUL),
        ("apps/v1/DaemonSet", {}, {"observedGeneration": 1}),
        ("batch/v1/Job", {}, condition("Complete", "True")),
        ("batch/v1/Job", {"suspend": True}, {}),
        ("v1/Service", {"type": "ExternalName"}, {}),
        ("v1/Service", {"clusterIP": "None", **SELECTED}, {}),
        ("v1/Service", {}, {}),
        ("v1/PersistentVolumeClaim", {}, {"phase": "Bound"}),
        ("v1/PersistentVolume", {}, {"phase": "Available"}),
        ("v1/Pod", {}, condition("Ready", "True")),
        ("v1/Pod", {}, {"phase": "Succeeded"}),
        ("v1/Namespace", {}, {"phase": "Active"}),
        ("v1/Node", {}, condition("Ready", "True")),
        ("apiextensions.k8s.io/v1/CustomResourceDefinition", {}, condition("Established", "True")),
        ("v1/ConfigMap", {}, {}),
        ("leaderworkerset.x-k8s.io/v1/LeaderWorkerSet", {}, {}),
    ],
)
def test_ready(kind: str, spec: dict[str, Value], status: dict[str, Value]) -> None:
    obj = live(kind, spec, status)
    assert rule_of(obj).judge(obj, NOTHING) == READY


@pytest.mark.parametrize(
    ("kind", "spec", "status", "text"),
    [
        ("apps/v1/Deployment", {}, {}, "the controller has not seen it yet"),
        ("apps/v1/Deployment", {"replicas": 3}, ROLLED_OUT, "2 of 3 pods available"),
        ("apps/v1/Deployment", {"replicas": 2}, ROLLED_OUT | {"replicas": 3}, "2 of 2 pods available"),
        ("apps/v1/StatefulSet", {}, STATEFUL | {"updateRevision": "b"}, "1 of 1 pods ready"),
        ("batch/v1/Job", {}, {}, "0 of 1 completions"),
        ("v1/Service", SELECTED, {}, "no ready pod behind it"),
        ("v1/PersistentVolumeClaim", {}, {"phase": "Pending"}, "phase Pending, not bound to a volume"),
        ("v1/Node", {}, {}, "not Ready: no report yet"),
        ("v1/Namespace", {}, {"phase": "Terminating"}, "phase Terminating"),
    ],
)
def test_not_ready_says_why(kind: str, spec: dict[str, Value], status: dict[str, Value], text: str) -> None:
    obj = live(kind, spec, status)
    assert rule_of(obj).judge(obj, NOTHING) == Waiting(text)


@pytest.mark.parametrize(
    ("kind", "status", "text"),
    [
        (
            "apps/v1/Deployment",
            {"observedGeneration": 1, **condition("Progressing", "False", reason="ProgressDeadlineExceeded")},
            "0 of 1 pods available; ",
        ),
        (
            "batch/v1/Job",
            condition("Failed", "True", reason="BackoffLimitExceeded", message="m"),
            "BackoffLimitExceeded: m",
        ),
        ("v1/PersistentVolumeClaim", {"phase": "Lost"}, "its volume is lost"),
    ],
)
def test_hopeless_says_why(kind: str, status: dict[str, Value], text: str) -> None:
    obj = live(kind, {}, status)
    assert rule_of(obj).judge(obj, NOTHING) == Failed(text)


def test_a_claim_whose_class_waits_for_the_first_pod_is_ready_unbound() -> None:
    obj = live("v1/PersistentVolumeClaim", {}, {"phase": "Pending"})
    assert rule_of(obj).judge(obj, Surroundings(binds_late=True)) == READY


def test_a_service_is_ready_with_one_ready_address() -> None:
    obj = live("v1/Service", SELECTED, {})
    endpoint = {"addresses": ["10.0.0.1"], "conditions": {"ready": False}}
    assert not isinstance(rule_of(obj).judge(obj, Surroundings(endpoint_slices=[{"endpoints": [endpoint]}])), Ready)
    good = {**endpoint, "conditions": {"ready": True}}
    assert rule_of(obj).judge(obj, Surroundings(endpoint_slices=[{"endpoints": [endpoint, good]}])) == READY


def test_what_troubles_the_pods_is_told_and_decides() -> None:
    obj = live("apps/v1/Deployment", {}, {"observedGeneration": 1})
    assert rule_of(obj).judge(obj, Surroundings(trouble=Failed("crashed"))) == Failed("0 of 1 pods available; crashed")
    assert rule_of(obj).judge(obj, Surroundings(trouble=Waiting("full", 30))) == Waiting(
        "0 of 1 pods available; full", 30
    )
