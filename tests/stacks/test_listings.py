"""What an image lists, read from the log of a pod and compared with the lock file."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from lightkube.models.core_v1 import Pod, PodStatus
from lightkube.models.meta_v1 import ObjectMeta

from stacks.listings import NoListing, logged, told
from tests.stacks.samples import BF16, FP8, HUGE, LOCK, REFERENCE, TP8

LOCKED = LOCK.images[REFERENCE]
NAMES = {row.id: row.name for row in LOCKED.rows}
HEADER = "MODEL PROFILES\n- Incompatible with system:\n"


def log(*ids: str) -> str:
    return HEADER + "".join(f"    - {one} ({NAMES[one]})\n" for one in ids)


def pod(name: str, second: int, phase: str) -> Pod:
    made = datetime(2026, 11, 1, 0, 0, second, tzinfo=UTC)
    return Pod(metadata=ObjectMeta(name=name, creationTimestamp=made), status=PodStatus(phase=phase))


def cluster(*pods: Pod) -> Any:  # Any: stands in for a client
    asked: dict[str, Any] = {}

    def listed(_kind: object, *, namespace: str, labels: dict[str, str]) -> list[Pod]:
        asked.update(labels, namespace=namespace)
        return [*pods]

    return SimpleNamespace(list=listed, log=lambda name, namespace: [f"log of {name} ", f"in {namespace}"], asked=asked)


def test_the_log_is_that_of_the_pod_that_listed_last() -> None:
    api = cluster(pod("a", 1, "Succeeded"), pod("c", 3, "Failed"), pod("b", 2, "Succeeded"))
    assert logged(api, "nim", "llama") == "log of b in nim"
    assert (api.asked["namespace"], api.asked["app.kubernetes.io/name"]) == ("nim", "nim-profiles")


def test_an_endpoint_that_has_listed_nothing_says_what_to_do() -> None:
    with pytest.raises(NoListing, match="set list_profiles: true"):
        logged(cluster(pod("a", 1, "Failed")), "nim", "llama")


def test_an_image_that_is_as_it_was_locked_is_one_line() -> None:
    lines, same = told("llama", REFERENCE, log(FP8, BF16, TP8, HUGE), LOCKED)
    assert (lines, same) == ((f"llama: {REFERENCE} lists 4 profiles, as the lock file does",), True)


def test_an_image_that_is_not_as_it_was_locked_is_told_profile_by_profile() -> None:
    lines, same = told("llama", REFERENCE, log(FP8, BF16, TP8), LOCKED)
    assert (lines, same) == (
        (f"llama: {REFERENCE} does not list {HUGE} (vllm-bf16-tp1-pp1-200.0), which the lock file has",),
        False,
    )


def test_a_log_that_is_no_listing_is_told() -> None:
    with pytest.raises(NoListing, match="no output of list-model-profiles"):
        told("llama", REFERENCE, "command not found", LOCKED)
