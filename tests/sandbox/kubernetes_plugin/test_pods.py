from nim_sandbox.kubernetes_plugin.pods import UNSCHEDULABLE_SECONDS, trouble, worst
from nim_sandbox.kubernetes_plugin.readiness import Failed, Waiting
from nim_sandbox.values import Value

NO_ROOM = "0/3 nodes are available: 3 Insufficient nvidia.com/gpu."
SCHEDULED = {"type": "PodScheduled", "status": "True"}
UNSCHEDULABLE = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": NO_ROOM}
CRASH = {"terminated": {"exitCode": 1, "message": "Detected 0 compatible\nprofile(s)."}}


def pod(name: str = "p", restart_policy: str = "Always", **status: Value) -> dict[str, Value]:
    return {"metadata": {"name": name}, "spec": {"restartPolicy": restart_policy}, "status": status}


def container(**state: Value) -> list[Value]:
    return [{"name": "nim", **state}]


def test_a_pod_without_room_gives_up_after_a_while_with_the_schedulers_words() -> None:
    found = trouble(pod(conditions=[UNSCHEDULABLE]), {})
    assert found == Waiting(f"pod p: Unschedulable: {NO_ROOM}", UNSCHEDULABLE_SECONDS)


def test_a_pod_for_which_a_node_is_on_its_way_waits_on() -> None:
    found = trouble(pod(conditions=[UNSCHEDULABLE]), {"p": ["FailedScheduling", "Nominated"]})
    assert found == Waiting(f"pod p: Unschedulable: {NO_ROOM} (a node is on its way)")


def test_a_crash_loop_fails_with_what_the_container_said() -> None:
    statuses = container(state={"waiting": {"reason": "CrashLoopBackOff"}}, lastState=CRASH, restartCount=1)
    found = trouble(pod(conditions=[SCHEDULED], containerStatuses=statuses), {})
    assert found == Failed(
        "pod p: container nim ended with exit code 1: Detected 0 compatible profile(s). (1 restarts)"
    )


def test_a_container_that_the_kernel_killed_is_said_to_be_out_of_memory_whatever_it_logged_last() -> None:
    killed = {"terminated": {"exitCode": 137, "reason": "OOMKilled", "message": "a line of its log"}}
    statuses = container(state={"waiting": {"reason": "CrashLoopBackOff"}}, lastState=killed, restartCount=1)
    assert trouble(pod(conditions=[SCHEDULED], containerStatuses=statuses), {}) == Failed(
        "pod p: container nim ended with exit code 137 (OOMKilled): a line of its log (1 restarts)"
    )


def test_three_crashes_fail_and_one_does_not() -> None:
    for restarts, failed in ((3, True), (1, False)):
        statuses = container(state={"running": {}}, lastState=CRASH, restartCount=restarts)
        found = trouble(pod(conditions=[SCHEDULED], phase="Running", containerStatuses=statuses), {})
        assert isinstance(found, Failed) is failed


def test_a_crash_without_another_chance_fails_at_once() -> None:
    assert isinstance(trouble(pod(restart_policy="Never", containerStatuses=container(state=CRASH)), {}), Failed)
    assert isinstance(trouble(pod(containerStatuses=container(state=CRASH)), {}), Waiting)


def test_an_image_that_cannot_be_pulled_fails_with_the_reason() -> None:
    statuses = container(state={"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}})
    assert trouble(pod(containerStatuses=statuses), {}) == Failed(
        "pod p: container nim: ImagePullBackOff: no such image"
    )


def test_a_failed_pod_fails_and_an_evicted_one_is_replaced() -> None:
    assert trouble(pod(phase="Failed", message="broken"), {}) == Failed("pod p: failed: broken")
    assert isinstance(trouble(pod(phase="Failed", reason="Evicted"), {}), Waiting)


def test_ready_done_and_leaving_pods_are_no_trouble() -> None:
    ready = {"type": "Ready", "status": "True"}
    assert trouble(pod(conditions=[ready]), {}) is None
    assert trouble(pod(conditions=[SCHEDULED], phase="Succeeded"), {}) is None
    assert trouble({**pod(phase="Failed"), "metadata": {"name": "p", "deletionTimestamp": "now"}}, {}) is None


def test_a_failure_outweighs_waiting_and_the_order_of_pods_does_not_matter() -> None:
    pods = [pod("c", phase="Failed"), pod("b", conditions=[UNSCHEDULABLE]), pod("a", conditions=[SCHEDULED])]
    assert isinstance(worst(pods, {}), Failed)
    assert worst(pods[1:], {}) == worst(pods[:0:-1], {}) == trouble(pods[1], {})


def test_a_jobs_crash_is_told_but_left_to_its_controller() -> None:
    crashed = pod(restart_policy="Never", containerStatuses=container(state=CRASH))
    found = worst([crashed], {}, crashes_count=False)
    assert isinstance(found, Waiting)
    assert "Detected 0" in found.text
