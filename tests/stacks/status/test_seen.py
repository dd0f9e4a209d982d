"""What is read from an API server, and what is asked of pods behind it."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from stacks.status.applied import Applied
from stacks.status.seen import Cluster, NoAnswer, Pod, Seen

DEPLOYMENT = Applied("chat", "apps/v1", "Deployment", "nim", "chat", {})
CLAIM = Applied("chat", "v1", "PersistentVolumeClaim", "nim", "cache", {})
NETWORK = Applied("chat", "networking.k8s.io/v1", "NetworkPolicy", "nim", "chat", {})
READY = {"conditions": [{"type": "Ready", "status": "True"}]}
CRASHED = {
    "conditions": [{"type": "Ready", "status": "False"}],
    "containerStatuses": [
        {
            "name": "nim",
            "restartCount": 3,
            "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s"}},
            "lastState": {"terminated": {"exitCode": 1, "reason": "Error", "message": "it said why"}},
        }
    ],
}
UNSCHEDULED = {"conditions": [{"type": "PodScheduled", "status": "False", "message": "0/3 nodes are available"}]}


def pod(name: str, status: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    labels = {"app": "chat", **metadata.pop("labels", {})}
    return {
        "metadata": {"name": name, "labels": labels, **metadata},
        "spec": {"nodeName": "node-0"},
        "status": status,
    }


def job(status: dict[str, int]) -> dict[str, Any]:
    """A list of one."""
    labels = {"app.kubernetes.io/instance": "chat", "app.kubernetes.io/part-of": "pulumi-nim"}
    return {"items": [{"metadata": {"name": "chat-download-1", "labels": labels}, "status": status}]}


def server(*pods: dict[str, Any], **more: Any) -> Callable[[httpx2.Request], httpx2.Response]:
    """Answers by path; what it does not know is 404. A callable answers itself."""
    answers: dict[str, Any] = {
        "/api/v1/namespaces/nim/pods": {"items": [*pods]},
        "/api/v1/namespaces/nim/events": {
            "items": [{"involvedObject": {"name": "chat-0"}, "message": "Container nim failed startup probe"}]
        },
        "/api/v1/nodes/node-0": {"metadata": {"annotations": more.pop("node", {})}},
        **more.pop("answers", {}),
    }

    def handle(request: httpx2.Request) -> httpx2.Response:
        found = answers.get(request.url.path)
        if isinstance(found, str):
            return httpx2.Response(200, text=found)
        return httpx2.Response(404) if found is None else httpx2.Response(200, json=found)

    return handle


def see(handle: Callable[[httpx2.Request], httpx2.Response], *objects: Applied) -> Seen:
    with httpx2.Client(base_url="https://x", transport=httpx2.MockTransport(handle)) as http:
        return Cluster(http, "nim").see(objects, {"chat": {"app": "chat"}}, {"chat": 8000})


def only(handle: Callable[[httpx2.Request], httpx2.Response]) -> Pod:
    (found,) = see(handle).pods["chat"]
    return found


def test_objects_are_read_by_their_kind_and_what_is_gone_is_none() -> None:
    answers = {
        "/apis/apps/v1/namespaces/nim/deployments/chat": {"kind": "Deployment"},
        "/apis/networking.k8s.io/v1/namespaces/nim/networkpolicies/chat": {"kind": "NetworkPolicy"},
    }
    assert see(server(answers=answers), DEPLOYMENT, CLAIM, NETWORK).objects == (
        (DEPLOYMENT, {"kind": "Deployment"}),
        (CLAIM, None),
        (NETWORK, {"kind": "NetworkPolicy"}),
    )


def test_a_ready_pod_is_asked_for_its_profile_through_the_api_server() -> None:
    answers = {"/api/v1/namespaces/nim/pods/chat-0:8000/proxy/v1/metadata": '{"profile_id": "x"}'}
    found = only(server(pod("chat-0", READY), answers=answers))
    assert (found.ready, found.answer, found.silence, found.words) == (True, '{"profile_id": "x"}', None, "")


def test_a_pod_that_does_not_answer_says_why() -> None:
    assert only(server(pod("chat-0", READY))).silence == "/v1/metadata answers 404"


def test_a_pod_on_a_simulated_node_is_not_asked() -> None:
    found = only(server(pod("chat-0", READY), node={"kwok.x-k8s.io/node": "fake"}))
    assert (found.simulated, found.answer, found.silence) == (True, None, None)


def test_a_pod_that_crashed_is_read_log_message_and_events() -> None:
    found = only(server(pod("chat-0", CRASHED), answers={"/api/v1/namespaces/nim/pods/chat-0/log": "a traceback"}))
    assert found.words == "exit 1, Error\nit said why\na traceback\nContainer nim failed startup probe"
    assert (found.exit_code, found.restarts, found.trouble, found.answer) == (1, 3, "exit 1, Error", None)


def test_a_pod_that_has_no_place_says_so() -> None:
    assert only(server(pod("chat-0", UNSCHEDULED))).trouble == "Pending: 0/3 nodes are available"


def test_a_pod_without_a_node_is_no_simulated_one() -> None:
    nowhere = {**pod("chat-0", UNSCHEDULED), "spec": {}}
    assert not only(server(nowhere)).simulated


def test_of_a_group_only_the_leader_is_asked() -> None:
    labels = {"leaderworkerset.sigs.k8s.io/worker-index": "1"}
    found = only(server(pod("chat-0-1", READY, labels=labels)))
    assert (found.ready, found.serves, found.answer, found.silence) == (True, False, None, None)


def test_pods_of_others_and_pods_on_their_way_out_are_left_aside() -> None:
    gone = pod("chat-1", READY, deletionTimestamp="2026-01-01T00:00:00Z")
    assert see(server(gone, pod("other", READY, labels={"app": "other"}))).pods == {"chat": ()}


@pytest.mark.parametrize(("status", "told"), [({"failed": 1}, True), ({"failed": 1, "succeeded": 1}, False)])
def test_pods_of_a_job_are_read_until_it_is_done(status: dict[str, int], told: bool) -> None:  # noqa: FBT001 - a table
    ended = {"exitCode": 7, "reason": "Error", "message": "no such profile"}
    failed = {"containerStatuses": [{"name": "download", "state": {"terminated": ended}}]}
    labels = {"app": "download", "batch.kubernetes.io/job-name": "chat-download-1"}
    answers = {
        "/apis/batch/v1/namespaces/nim/jobs": job(status),
        "/api/v1/namespaces/nim/pods/chat-download-1-x/log": "Could not match a profile in manifest",
    }
    found = see(server(pod("chat-download-1-x", failed, labels=labels), answers=answers))
    read = [(job, one.trouble, one.serves, one.words) for job, one in found.jobs["chat"]]
    words = "exit 7, Error\nno such profile\nCould not match a profile in manifest"
    assert read == ([("chat-download-1", "exit 7, Error", False, words)] if told else [])
    assert found.pods == {"chat": ()}


def test_a_job_that_runs_is_not_asked_for_its_profile() -> None:
    labels = {"app": "check", "batch.kubernetes.io/job-name": "chat-download-1"}
    answers = {"/apis/batch/v1/namespaces/nim/jobs": job({"active": 1})}
    ((_, one),) = see(server(pod("chat-download-1-x", READY, labels=labels), answers=answers)).jobs["chat"]
    assert (one.ready, one.serves, one.answer, one.silence, one.trouble) == (True, False, None, None, None)


def test_who_may_not_look_at_nodes_has_no_sandbox() -> None:
    known = server(pod("chat-0", READY))

    def handle(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(403) if "/nodes/" in request.url.path else known(request)

    assert not only(handle).simulated


def test_a_server_that_refuses_is_no_empty_cluster() -> None:
    with pytest.raises(NoAnswer, match="/api/v1/namespaces/nim/pods answers 403: no"):
        see(lambda _: httpx2.Response(403, text="no"))
