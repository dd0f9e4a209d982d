"""What the simulated nodes, pods and claims do, on a real API server with a real scheduler."""

import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest
from lightkube import Client
from lightkube.core.dictmixin import DictMixin
from lightkube.core.exceptions import ApiError
from lightkube.models.core_v1 import PodStatus
from lightkube.resources.batch_v1 import Job
from lightkube.resources.core_v1 import Event, Namespace, Node, PersistentVolume, PersistentVolumeClaim, Pod

from nim_sandbox.control_plane import ControlPlane
from nim_sandbox.nodes import simulated_node
from nim_sandbox.objects import client

pytestmark = pytest.mark.engine
Found = TypeVar("Found")
Kind = TypeVar("Kind", bound=DictMixin)
NUMBERS = itertools.count(1)


def eventually(look: Callable[[], Found | None], seconds: float = 20.0) -> Found:
    """What `look` finds as soon as it is neither None nor False nor empty."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"not seen within {seconds:.0f} s"
        time.sleep(0.05)
    return found


def made(kind: type[Kind], manifest: dict[str, Any]) -> Kind:
    """`from_dict` with the type that it returns."""
    found = kind.from_dict(manifest)
    assert isinstance(found, kind)
    return found


@pytest.fixture
def api(control_plane: ControlPlane) -> Iterator[Client]:
    with client(control_plane.kubeconfig) as api:
        yield api


@pytest.fixture
def namespace(api: Client) -> Iterator[str]:
    name = f"test-{next(NUMBERS)}"
    api.create(made(Namespace, {"metadata": {"name": name}}))
    yield name
    api.delete(Namespace, name)


@pytest.fixture
def node(api: Client) -> Iterator[str]:
    """One g6.48xlarge, 8 GPUs, on which only pods land that ask for it by name."""
    name = f"gpu-{next(NUMBERS)}"
    api.create(made(Node, simulated_node("g6.48xlarge", name, "us-east-1a")))
    yield name
    api.delete(Node, name)


def pod(name: str, node: str, gpus: int = 0, claim: str | None = None, **annotations: str) -> dict[str, Any]:
    container: dict[str, Any] = {"name": "nim", "image": "nvcr.io/nim/meta/llama@sha256:00"}
    spec: dict[str, Any] = {
        "nodeSelector": {"kubernetes.io/hostname": node},
        "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}],
        "containers": [container],
    }
    if gpus:
        container["resources"] = {"limits": {"nvidia.com/gpu": str(gpus)}}
    if claim:
        spec["volumes"] = [{"name": "cache", "persistentVolumeClaim": {"claimName": claim}}]
    keys = {key.replace("_", "-"): value for key, value in annotations.items()}
    metadata = {"name": name, "annotations": {f"sandbox.nim/{key}": value for key, value in keys.items()}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def status(api: Client, namespace: str, name: str) -> PodStatus:
    found = api.get(Pod, name, namespace=namespace).status
    assert found is not None
    return found


def condition(found: PodStatus, kind: str) -> str | None:
    return next((c.status for c in found.conditions or [] if c.type == kind), None)


def test_a_node_gets_its_gpus_labels_and_readiness_from_its_instance_type_alone(api: Client, node: str) -> None:
    def ready() -> Node | None:
        found = api.get(Node, node)
        conditions = (found.status.conditions if found.status else None) or []
        return found if any(c.type == "Ready" and c.status == "True" for c in conditions) else None

    found = eventually(ready)
    assert found.status is not None
    assert found.metadata is not None
    assert found.status.allocatable is not None
    assert found.status.allocatable["nvidia.com/gpu"] == "8"
    assert found.status.allocatable["pods"] == "110"
    assert (found.metadata.labels or {})["nvidia.com/gpu.product"] == "NVIDIA-L4"


def test_a_node_without_the_annotation_is_left_to_a_real_kubelet(api: Client, node: str) -> None:
    real = simulated_node("g6.12xlarge", f"{node}-real", "us-east-1a")
    del real["metadata"]["annotations"]
    api.create(made(Node, real))
    eventually(lambda: (api.get(Node, node).status or None) and api.get(Node, node).status.phase == "Running")  # type: ignore[union-attr]  # looked at just before
    untouched = api.get(Node, f"{node}-real")
    assert not (untouched.status and untouched.status.capacity)
    api.delete(Node, f"{node}-real")


def test_eight_gpus_hold_two_pods_of_four_and_the_scheduler_says_why_the_third_waits(
    api: Client, namespace: str, node: str
) -> None:
    for name in ("one", "two"):
        api.create(made(Pod, pod(name, node, gpus=4)), namespace=namespace)
        eventually(lambda name=name: condition(status(api, namespace, name), "Ready") == "True")  # type: ignore[misc]  # mypy cannot infer a lambda's default
    api.create(made(Pod, pod("three", node, gpus=4)), namespace=namespace)

    def refusal() -> str | None:
        events = api.list(Event, namespace=namespace, fields={"reason": "FailedScheduling"})
        return next((e.message for e in events if e.involvedObject.name == "three"), None)

    assert "Insufficient nvidia.com/gpu" in eventually(refusal)
    assert status(api, namespace, "three").phase == "Pending"
    api.delete(Pod, "one", namespace=namespace)
    eventually(lambda: status(api, namespace, "three").phase == "Running")


def test_a_restricted_namespace_refuses_a_bad_pod(api: Client, namespace: str, node: str) -> None:
    enforced = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
    api.patch(Namespace, namespace, enforced)
    with pytest.raises(ApiError, match="violates PodSecurity"):
        api.create(made(Pod, pod("rude", node)), namespace=namespace)


def test_init_containers_complete_in_order_before_the_pod_is_ready(api: Client, namespace: str, node: str) -> None:
    manifest = pod("staged", node)
    manifest["spec"]["initContainers"] = [{"name": name, "image": "busybox@sha256:00"} for name in ("one", "two")]
    api.create(made(Pod, manifest), namespace=namespace)
    seen: list[tuple[bool, ...]] = []
    for _, found in api.watch(Pod, namespace=namespace, server_timeout=20):
        if found.status is None:
            continue
        inits = found.status.initContainerStatuses or []
        done = tuple(s.state is not None and s.state.terminated is not None for s in inits)
        if done and (not seen or seen[-1] != done):
            seen.append(done)
        if condition(found.status, "Ready") == "True":
            break
        assert not any(s.ready for s in found.status.containerStatuses or [])
    assert seen == [(False, False), (True, False), (True, True)]


def test_an_annotation_says_how_long_a_model_takes_to_load(api: Client, namespace: str, node: str) -> None:
    began = time.monotonic()
    api.create(made(Pod, pod("quick", node, ready_after="100ms")), namespace=namespace)
    api.create(made(Pod, pod("slow", node, ready_after="4s")), namespace=namespace)
    eventually(lambda: condition(status(api, namespace, "quick"), "Ready") == "True", seconds=3)
    eventually(lambda: condition(status(api, namespace, "slow"), "Ready") == "True")
    assert time.monotonic() - began >= 4


@pytest.mark.parametrize(
    ("how", "exit_code", "text"),
    [
        ("no-compatible-profile", 1, "Could not find a profile that is currently runnable"),
        ("out-of-memory", 137, "exceeds available GPU memory"),
        ("typo", 1, "no-compatible-profile, out-of-memory"),
    ],
)
def test_a_pod_told_to_fail_does_so_like_a_nim_and_never_becomes_ready(
    how: str, exit_code: int, text: str, api: Client, namespace: str, node: str
) -> None:
    api.create(made(Pod, pod("failing", node, fail=how, ready_after="100ms")), namespace=namespace)

    def crash_loop() -> PodStatus | None:
        found = status(api, namespace, "failing")
        states = [s.state for s in found.containerStatuses or []]
        waiting = [s.waiting.reason for s in states if s and s.waiting]
        return found if waiting == ["CrashLoopBackOff"] else None

    found = eventually(crash_loop)
    last = (found.containerStatuses or [])[0].lastState
    assert last is not None
    assert last.terminated is not None
    assert last.terminated.exitCode == exit_code
    assert text in (last.terminated.message or "")
    time.sleep(1.5)
    assert condition(status(api, namespace, "failing"), "Ready") == "False"


@pytest.mark.parametrize(("how", "outcome"), [(None, "Complete"), ("out-of-memory", "Failed")])
def test_a_job_completes_or_fails_as_it_is_told(
    how: str | None, outcome: str, api: Client, namespace: str, node: str
) -> None:
    template = pod("unused", node, **({"fail": how} if how else {}))  # type: ignore[arg-type]  # annotations only
    template["spec"]["restartPolicy"] = "Never"
    spec = {"backoffLimit": 0, "template": {"metadata": template["metadata"], "spec": template["spec"]}}
    del spec["template"]["metadata"]["name"]  # type: ignore[index]  # a dict of dicts, plainly
    api.create(made(Job, {"metadata": {"name": "fill"}, "spec": spec}), namespace=namespace)

    def finished() -> bool:
        found = api.get(Job, "fill", namespace=namespace).status
        return any(c.type == outcome and c.status == "True" for c in (found and found.conditions) or [])

    eventually(finished)


def test_a_deleted_pod_goes_quickly_but_not_before_its_finaliser(api: Client, namespace: str, node: str) -> None:
    held = pod("held", node)
    held["metadata"]["finalizers"] = ["tests.nim/held"]
    for manifest in (held, pod("free", node)):
        api.create(made(Pod, manifest), namespace=namespace)
    eventually(lambda: all(p.status and p.status.phase == "Running" for p in api.list(Pod, namespace=namespace)))
    for name in ("held", "free"):
        api.delete(Pod, name, namespace=namespace)
    eventually(
        lambda: [p.metadata.name for p in api.list(Pod, namespace=namespace) if p.metadata] == ["held"], seconds=5
    )
    time.sleep(1)
    assert status(api, namespace, "held").phase == "Running"
    api.patch(Pod, "held", {"metadata": {"finalizers": None}}, namespace=namespace)
    eventually(lambda: not list(api.list(Pod, namespace=namespace)), seconds=5)


@pytest.mark.parametrize("mode", ["ReadWriteOnce", "ReadWriteMany"])
def test_a_claim_is_bound_once_a_pod_uses_it_and_its_volume_goes_with_it(
    mode: str, api: Client, namespace: str, node: str
) -> None:
    spec = {"accessModes": [mode], "resources": {"requests": {"storage": "50Gi"}}}
    for name in ("used", "unused"):
        api.create(made(PersistentVolumeClaim, {"metadata": {"name": name}, "spec": spec}), namespace=namespace)

    def phase(name: str) -> str | None:
        found = api.get(PersistentVolumeClaim, name, namespace=namespace).status
        return found.phase if found else None

    api.create(made(Pod, pod("user", node, claim="used")), namespace=namespace)
    eventually(lambda: phase("used") == "Bound")
    eventually(lambda: status(api, namespace, "user").phase == "Running")
    assert phase("unused") == "Pending"
    bound = api.get(PersistentVolumeClaim, "used", namespace=namespace)
    assert bound.spec is not None
    assert bound.spec.volumeName is not None
    volume = bound.spec.volumeName
    assert api.get(PersistentVolume, volume).spec.accessModes == [mode]  # type: ignore[union-attr]  # a bound volume has a spec
    api.delete(Pod, "user", namespace=namespace)
    api.delete(PersistentVolumeClaim, "used", namespace=namespace)
    eventually(lambda: volume not in {v.metadata.name for v in api.list(PersistentVolume) if v.metadata})
