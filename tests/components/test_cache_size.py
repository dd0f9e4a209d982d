import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nim_profiles.profile import Profile
from nim_profiles.units import GIB
from pulumi_nim.cache_size import AccessMode, access_mode, cache_size_bytes, claim_name
from tests.components.samples import profile


@given(st.integers(0, 10**13))
def test_a_cache_holds_its_artifacts_with_headroom_in_whole_gib(download_bytes: int) -> None:
    size = cache_size_bytes(download_bytes)
    assert size % GIB == 0
    assert size >= max(download_bytes * 1.2 - 1, 10 * GIB)


@pytest.mark.parametrize(
    ("replicas", "node_count", "mode"),
    [
        (1, None, AccessMode.ONE_NODE),
        (1, 3, AccessMode.ONE_NODE),
        (2, 1, AccessMode.ONE_NODE),
        (2, 2, AccessMode.MANY_NODES),
        (2, None, AccessMode.MANY_NODES),
    ],
)
def test_replicas_that_may_part_share_their_cache_over_nodes(
    replicas: int, node_count: int | None, mode: AccessMode
) -> None:
    assert access_mode(replicas, node_count) is mode


def name(of: Profile, repository: str = "nvcr.io/a/b", **more: Any) -> str:  # Any: each test names real parameters
    return claim_name("llama", repository, of, more.get("access", AccessMode.ONE_NODE), more.get("storage_class"))


def test_the_same_weights_get_the_same_claim() -> None:
    with_lora = dataclasses.replace(profile(), id="d" * 64, workspace_hash="w")
    without = dataclasses.replace(profile(), workspace_hash="w")
    assert name(with_lora) == name(without)


def test_other_weights_get_another_claim() -> None:
    other = dataclasses.replace(profile(), id="d" * 64)
    assert name(other) != name(profile())
    assert name(profile(), "nvcr.io/a/c") != name(profile())


def test_what_a_claim_cannot_change_makes_another_claim() -> None:
    names = {
        name(profile()),
        name(profile(), access=AccessMode.MANY_NODES),
        name(profile(), storage_class="efs"),
        name(profile(), access=AccessMode.MANY_NODES, storage_class="efs"),
    }
    assert len(names) == 4
    assert name(profile()) == "llama-cache-4323f82636"
