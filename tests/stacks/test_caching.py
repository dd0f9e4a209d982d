"""Which caches an endpoint has, and what fills the one in use."""

from typing import Any

import pytest

from nim_profiles.units import GIB
from pulumi_nim.cache_size import AccessMode, Claim
from stacks.faults import BadStackFile
from stacks.plan import EndpointPlan
from stacks.planning import make_plan
from tests.stacks.samples import BF16, FILE, FP8, LOCK, LOCK_FOLDER, raw


def planned(*, caches: dict[str, Any] | None = None, **endpoint: Any) -> EndpointPlan:
    content = {**raw(**endpoint), **({} if caches is None else {"caches": caches})}
    (only,) = make_plan(content, LOCK, LOCK_FOLDER, stack="test", file=FILE).endpoints
    return only


def faults(**endpoint: Any) -> list[str]:
    with pytest.raises(BadStackFile) as refused:
        planned(**endpoint)
    return str(refused.value).splitlines()


def test_a_job_fills_the_cache_of_a_pinned_profile_in_a_time_computed_from_its_size() -> None:
    assert planned().download_seconds == 300 + 9_000_000_000 // 30_000_000


def test_a_download_of_unknown_size_may_take_as_long_as_filling_its_claim() -> None:
    assert planned(profile=BF16, cache_gib=30).download_seconds == 300 + 1074


def test_weights_of_ones_own_are_not_downloaded() -> None:
    assert planned(env={"NIM_DISABLE_MODEL_DOWNLOAD": "1"}).download_seconds is None


def test_a_stack_may_do_without_the_job() -> None:
    assert planned(caches={"download": False}).download_seconds is None


def test_what_a_container_chooses_is_not_downloaded_before() -> None:
    content = {**raw(profile="default"), "profile_selection": ["id", "default"]}
    (endpoint,) = make_plan(content, LOCK, LOCK_FOLDER, stack="test", file=FILE).endpoints
    assert endpoint.download_seconds is None


def test_a_change_finds_its_cache_filled_where_a_job_does_it() -> None:
    with_job, without = planned(), planned(caches={"download": False})
    assert with_job.rollout.seconds_per_replica == 60 + 300 + 69
    assert without.rollout.seconds_per_replica == 60 + 300 + 300 + 69


def test_the_cache_of_an_earlier_profile_is_kept_by_its_name() -> None:
    before = planned(profile=BF16).claim_name
    endpoint = planned(keep_caches=[before])
    assert endpoint.kept_claims == (Claim(before, 10 * GIB, AccessMode.ONE_NODE),)
    assert endpoint.claim_name != before


def test_a_claim_that_more_nodes_mounted_is_known_too() -> None:
    several = planned(rollout="drain", profile=BF16, replicas=2).claim_name
    assert planned(keep_caches=[several]).kept_claims[0].name == several


def test_the_cache_in_use_is_not_one_to_keep() -> None:
    name = planned(profile=FP8).claim_name
    assert faults(keep_caches=[name]) == [
        f"{FILE}: nim:endpoints.llama.keep_caches: found {name}, which is the cache in use; leave it out"
    ]


def test_a_name_that_no_cache_can_have_would_make_an_empty_one_and_is_a_fault() -> None:
    before = planned(profile=BF16).claim_name
    wrong = [f"{before[:-1]}x", "chat-cache-0123456789"]
    near, far = faults(keep_caches=wrong)
    start = f"{FILE}: nim:endpoints.llama.keep_caches: found"
    assert near == (
        f"{start} {wrong[0]}, which is no cache of this endpoint for any profile of the lock file; nearest: {before}"
    )
    assert far == (
        f"{start} {wrong[1]}, which is no cache of this endpoint for any profile of the lock file; "
        "`make status` and `kubectl get pvc` show names"
    )
