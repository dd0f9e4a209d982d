"""The table of `make status`: one row an endpoint, what differs marked."""

import dataclasses

from rich.console import Console

from nim_profiles.diagnosis import Diagnosis, Issue
from stacks.status.endpoint_status import EndpointStatus, status_of
from stacks.status.seen import Seen
from stacks.status.table import details, status_table
from tests.stacks.status.samples import chat, pod

WELL = status_of(chat(), "http://chat.nim.svc:8000/v1", (), Seen((), {"chat": (pod("a"), pod("b"))}))


def printed(*statuses: EndpointStatus) -> str:
    console = Console(width=200, color_system=None)
    with console.capture() as capture:
        console.print(status_table("team", statuses))
    return capture.get()


def test_a_row_says_what_was_declared_deployed_and_is_running() -> None:
    text = printed(WELL)
    for part in (
        "chat",
        "vllm-fp8-tp1-pp1-27.0",
        "c4789f7af56c…",
        "2 x 1 GPUs",
        "chat.nim.svc",
        "2 of 2 ready",
        "2 serve it",
    ):
        assert part in text


def test_what_differs_is_counted_in_its_column_and_told_in_full_below() -> None:
    differs = dataclasses.replace(
        WELL,
        ready=1,
        pending=("update Deployment chat (spec.replicas)",),
        drift=("Deployment chat: spec.x[a]: 1 -> 2", "Service chat: is gone"),
        troubles=("exit 1, Error",),
        says=("b [odd]",),
        proven=1,
        diagnoses=(Diagnosis(Issue.OUT_OF_MEMORY, "no memory", "write less"),),
    )
    text = printed(differs)
    for part in ("1 step to come", "1 of 2 ready", "2 fields changed", "1 serve it", "1 otherwise"):
        assert part in text
    assert [*details(differs)] == [
        "chat, state: update Deployment chat (spec.replicas)",
        "chat, cluster: Deployment chat: spec.x[a]: 1 -> 2",
        "chat, cluster: Service chat: is gone",
        "chat, cluster: exit 1, Error",
        "chat, the endpoint says: b [odd]",
        "chat, out of memory: 'no memory'; write less",
    ]
    assert [*details(WELL)] == []


def test_simulated_and_never_deployed_endpoints_say_so() -> None:
    text = printed(
        dataclasses.replace(WELL, says=("simulated",), proven=0), dataclasses.replace(WELL, url=None, proven=0)
    )
    assert "simulated: nothing there can answer" in text
    assert "not deployed" in text
    assert "nothing ready to ask" in text
