import pytest
from lightkube.models.core_v1 import (
    ContainerState,
    ContainerStateTerminated,
    ContainerStateWaiting,
    ContainerStatus,
    Pod,
    PodCondition,
    PodSpec,
    PodStatus,
)
from lightkube.models.meta_v1 import ObjectMeta

from stacks.live import Replica, replicas_of

KILLED = ContainerStateTerminated(exitCode=137, reason="OOMKilled", message="[core] a page of a log")
BACKING_OFF = ContainerState(waiting=ContainerStateWaiting(reason="CrashLoopBackOff", message="back-off 10s"))
SELECTORS = {"llama": {"app.kubernetes.io/instance": "llama"}}


def pod(name: str, *, ready: bool = True, group: str | None = None) -> Pod:
    """On a node of its own; with `group` in a group of two."""
    labels = {"app.kubernetes.io/instance": "llama"}
    annotations = {}
    if group is not None:
        labels["leaderworkerset.sigs.k8s.io/group-index"] = group
        annotations["leaderworkerset.sigs.k8s.io/size"] = "2"
    conditions = [PodCondition(type="Ready", status=str(ready))]
    return Pod(
        metadata=ObjectMeta(name=name, labels=labels, annotations=annotations),
        spec=PodSpec(containers=[], nodeName=f"node-of-{name}"),
        status=PodStatus(conditions=conditions),
    )


def test_a_pod_is_a_replica_where_one_node_holds_it() -> None:
    found = replicas_of([pod("b", ready=False), pod("a")], SELECTORS)
    assert found == {
        "llama": (
            Replica(nodes=("node-of-a",), ready=True, trouble=None),
            Replica(nodes=("node-of-b",), ready=False, trouble=None),
        )
    }


def test_a_group_is_one_replica_and_ready_only_as_a_whole() -> None:
    whole = [pod("llama-0", group="0"), pod("llama-0-1", group="0")]
    broken = [pod("llama-1", group="1"), pod("llama-1-1", group="1", ready=False)]
    (first, second) = replicas_of([*whole, *broken], SELECTORS)["llama"]
    assert (first.nodes, first.ready) == (("node-of-llama-0", "node-of-llama-0-1"), True)
    assert not second.ready


def test_a_group_that_is_still_being_made_is_not_ready() -> None:
    (only,) = replicas_of([pod("llama-0", group="0")], SELECTORS)["llama"]
    assert not only.ready


def test_pods_belong_to_the_endpoint_whose_labels_they_have() -> None:
    other = pod("x")
    assert other.metadata is not None
    other.metadata.labels = {"app": "old", "app.kubernetes.io/name": "nim-llm"}
    found = replicas_of([pod("a"), other], {**SELECTORS, "adopted": {"app": "old"}, "none": {"app": "new"}})
    assert {name: [one.nodes for one in replicas] for name, replicas in found.items()} == {
        "llama": [("node-of-a",)],
        "adopted": [("node-of-x",)],
    }


@pytest.mark.parametrize(
    ("state", "before", "trouble"),
    [
        (ContainerState(terminated=KILLED), None, "exit 137, OOMKilled"),
        (BACKING_OFF, ContainerState(terminated=KILLED), "CrashLoopBackOff after exit 137, OOMKilled"),
        (BACKING_OFF, None, "CrashLoopBackOff: back-off 10s"),
        (ContainerState(terminated=ContainerStateTerminated(exitCode=0)), None, None),
        (ContainerState(), ContainerState(terminated=KILLED), "exit 137, OOMKilled"),
    ],
)
def test_a_container_that_ends_again_and_again_says_how_and_not_what_it_wrote(
    state: ContainerState, before: ContainerState | None, trouble: str | None
) -> None:
    broken = pod("a", ready=False)
    assert broken.status is not None
    status = ContainerStatus(image="", imageID="", name="nim", ready=False, restartCount=1)
    status.state, status.lastState = state, before
    broken.status.containerStatuses = [status]
    assert [one.trouble for one in replicas_of([broken], SELECTORS)["llama"]] == [trouble]
