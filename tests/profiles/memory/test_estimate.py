"""Estimates: against printed splits, and laws that hold for every size."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nim_profiles.memory import EngineSettings, estimate
from nim_profiles.units import GIB
from tests.profiles.memory.examples import A100, GPT_OSS_20B, H100, LLAMA_8B, gpu_of

LENGTHS = st.integers(1, 131072)
MIB_SIZES = st.integers(16 * 1024, 192 * 1024)
FIXED = EngineSettings(max_num_seqs=256, max_num_batched_tokens=2048)
"""Without these a larger GPU gets larger batches of its own accord."""


def test_the_kv_cache_of_an_8b_on_an_a100_is_what_vllm_0_28_printed() -> None:
    run = EngineSettings(vllm_version="0.28.0", max_model_len=8192, gpu_memory_utilization=0.9)
    found = estimate(LLAMA_8B, A100, settings=run).kv_available
    assert found.safe_bytes / GIB < 55.11 == pytest.approx(found.likely_bytes / GIB, abs=0.25)  # m058


def test_the_safe_figures_never_promise_more_than_the_likely_ones() -> None:
    found = estimate(GPT_OSS_20B, H100)
    assert found.kv_available.safe_bytes < found.kv_available.likely_bytes
    assert all(term.safe_bytes >= term.likely_bytes for term in found.terms)
    assert all(term.why for term in found.terms)


def test_a_total_that_was_seen_takes_the_place_of_the_derived_one() -> None:
    found = estimate(LLAMA_8B, A100, settings=EngineSettings(gpu_memory_utilization=0.5), cuda_total_bytes=40 * GIB)
    assert found.requested.likely_bytes == found.requested.safe_bytes == 20 * GIB


def test_the_stage_that_holds_fewest_blocks_speaks_for_all() -> None:
    one, two = (estimate(LLAMA_8B, A100, pipeline_parallel=stages, settings=FIXED) for stages in (1, 2))
    assert two.blocks.safe_bytes > 2 * one.blocks.safe_bytes
    per_stage = two.kv_available.safe_bytes // max(two.layout.bytes_per_block)
    assert two.blocks.safe_bytes == pytest.approx(per_stage, abs=1)


def test_a_context_that_fits_is_served_and_a_longer_one_is_not() -> None:
    found = estimate(LLAMA_8B, gpu_of(24 * 1024), settings=FIXED)
    longest = found.longest_context_tokens
    assert not found.fits
    assert estimate(LLAMA_8B, gpu_of(24 * 1024), settings=replace(FIXED, max_model_len=longest)).fits
    assert not estimate(LLAMA_8B, gpu_of(24 * 1024), settings=replace(FIXED, max_model_len=longest + 1)).fits


@pytest.mark.parametrize("shape", [LLAMA_8B, GPT_OSS_20B])
@settings(max_examples=60, deadline=None)
@given(st.tuples(LENGTHS, LENGTHS))
def test_more_context_never_needs_less(shape: object, lengths: tuple[int, int]) -> None:
    short, long = (
        estimate(shape, A100, settings=replace(FIXED, max_model_len=length))  # type: ignore[arg-type]  # parametrized
        for length in sorted(lengths)
    )
    assert long.used.safe_bytes + long.kv_needed_bytes >= short.used.safe_bytes + short.kv_needed_bytes
    assert long.full_length_requests <= short.full_length_requests


@settings(max_examples=60, deadline=None)
@given(st.tuples(MIB_SIZES, MIB_SIZES), LENGTHS)
def test_a_larger_gpu_never_refuses_what_a_smaller_one_held(sizes: tuple[int, int], length: int) -> None:
    run = replace(FIXED, max_model_len=length)
    small, large = (estimate(LLAMA_8B, gpu_of(size), settings=run) for size in sorted(sizes))
    assert large.fits >= small.fits
    assert large.longest_context_tokens >= small.longest_context_tokens


@given(st.sampled_from([1, 2, 4]))
def test_doubling_tensor_parallelism_never_makes_a_gpu_carry_more_weights(tensor_parallel: int) -> None:
    once, twice = (
        estimate(LLAMA_8B, A100, tensor_parallel=tp, settings=FIXED).terms[0]
        for tp in (tensor_parallel, 2 * tensor_parallel)
    )
    assert twice.likely_bytes < once.likely_bytes
