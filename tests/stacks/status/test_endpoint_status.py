"""When four sources agree, and what each says where they do not."""

from typing import Any

import pytest

from nim_profiles.diagnosis import Issue
from nim_sandbox.stages import FAILURES
from stacks.status.applied import Applied
from stacks.status.endpoint_status import EndpointStatus, status_of
from stacks.status.seen import Pod, Seen
from tests.stacks.status.samples import BF16, FP8, chat, pod

URL = "http://chat.nim.svc:8000/v1"
DEPLOYMENT = Applied("chat", "apps/v1", "Deployment", "nim", "chat", {"spec": {"replicas": 2}})
ALL_WELL = (pod("chat-0"), pod("chat-1"))


def status(
    *pods: Pod, url: str | None = URL, pending: tuple[str, ...] = (), live: dict[str, Any] | None = None
) -> EndpointStatus:
    there = {"spec": {"replicas": 2}} if live is None else live
    return status_of(chat(), url, pending, Seen(((DEPLOYMENT, there or None),), {"chat": pods}))


def test_all_four_agree() -> None:
    found = status(*ALL_WELL)
    assert found.agrees
    assert (found.ready, found.proven, found.says, found.drift, found.diagnoses) == (2, 2, (), (), ())


def test_simulated_pods_cannot_answer_and_that_is_no_difference() -> None:
    found = status(*(pod(name, simulated=True, answer=None) for name in ("chat-0", "chat-1")))
    assert found.agrees
    assert (found.proven, found.says) == (0, ("simulated",))


@pytest.mark.parametrize(
    ("pods", "says"),
    [
        (
            [pod("chat-0"), pod("chat-1", answer=f'{{"profile_id": "{BF16}"}}')],
            f"chat-1 serves profile {BF16}, and {FP8} is pinned",
        ),
        (
            [pod("chat-0"), pod("chat-1", answer=None, silence="/v1/metadata answers 404")],
            "chat-1 does not answer: /v1/metadata answers 404",
        ),
        ([pod("chat-0"), pod("chat-1", answer="<html>")], "chat-1: /v1/metadata is no JSON object: '<html>'"),
    ],
)
def test_an_endpoint_that_says_otherwise_disagrees(pods: list[Pod], says: str) -> None:
    found = status(*pods)
    assert not found.agrees
    assert (found.says, found.proven) == ((says,), 1)


def test_workers_of_a_group_need_not_answer() -> None:
    found = status(pod("chat-0"), pod("chat-0-1", serves=False, answer=None))
    assert (found.agrees, found.proven) == (True, 1)


def test_what_somebody_changed_in_the_cluster_is_told_by_object_and_field() -> None:
    found = status(*ALL_WELL, live={"spec": {"replicas": 1}})
    assert not found.agrees
    assert found.drift == ("Deployment chat: spec.replicas: 2 -> 1",)


def test_an_object_that_is_gone_is_told() -> None:
    assert status(*ALL_WELL, live={}).drift == ("Deployment chat: is gone",)


def test_what_the_file_says_and_the_state_does_not_is_a_difference() -> None:
    assert not status(*ALL_WELL, pending=("update Deployment chat (spec.replicas)",)).agrees


def test_an_endpoint_that_was_never_deployed_does_not_agree() -> None:
    assert not status(url=None).agrees


def test_a_failing_pod_is_explained_from_its_own_words() -> None:
    failing = pod(
        "chat-1",
        ready=False,
        answer=None,
        restarts=3,
        exit_code=137,
        trouble="exit 137, OOMKilled",
        words=str(FAILURES["out-of-memory"]["message"]),
    )
    found = status(pod("chat-0"), failing)
    assert not found.agrees
    assert (found.ready, found.troubles) == (1, ("exit 137, OOMKilled, 3 restarts",))
    (diagnosis,) = found.diagnoses
    assert diagnosis.issue is Issue.OUT_OF_MEMORY
    assert diagnosis.advice == "write max_model_len: 4096 under settings"


def test_a_job_that_fails_is_explained_as_a_pod_is() -> None:
    failing = pod(
        "chat-download-1-x",
        ready=False,
        serves=False,
        answer=None,
        exit_code=1,
        trouble="exit 1, Error",
        words="Error: Not all of the provided profiles are supported. Unknown profiles provided: {'x'}",
    )
    waiting = pod("chat-check-1-x", serves=False, answer=None)
    jobs = {"chat": (("chat-download-1", failing), ("chat-check-1", waiting))}
    found = status_of(chat(), URL, (), Seen((), {"chat": ALL_WELL}, jobs))
    assert (found.ready, found.troubles) == (2, ("Job chat-download-1: exit 1, Error",))
    assert [one.issue for one in found.diagnoses] == [Issue.PROFILE_NOT_FOUND]


def test_programs_get_everything_as_json() -> None:
    assert status(*ALL_WELL).json() == {
        "endpoint": "chat",
        "agrees": True,
        "declared": {"profile_id": FP8, "profile_name": "vllm-fp8-tp1-pp1-27.0", "replicas": 2, "gpu_count": 1},
        "state": {"deployed": True, "url": URL, "pending": []},
        "cluster": {"ready": 2, "drift": [], "troubles": []},
        "endpoint_says": {"proven": 2, "otherwise": []},
        "diagnoses": [],
    }
