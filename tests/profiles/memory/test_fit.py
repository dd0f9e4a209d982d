"""The three classes, NVIDIA's own floor, and what a precision word means."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nim_profiles.instance import catalogue
from nim_profiles.memory import EngineSettings, fit
from nim_profiles.memory.fit import load_format
from nim_profiles.shape import ModelShape
from tests.profiles.memory.examples import A10G, A100, GPT_OSS_20B, H100, L4, L40S, LLAMA_8B, profile

GPUS = sorted({instance.gpu for instance in catalogue().values()})


def test_an_8b_fits_a_large_gpu_needs_a_flag_on_a_small_one_and_never_fits_without_the_hardware() -> None:
    assert [fit(LLAMA_8B, profile(), gpu).verdict for gpu in (H100, A10G)] == ["compatible", "low_memory"]
    assert fit(LLAMA_8B, profile("fp8"), A10G).verdict == "incompatible"


def test_a_model_no_flag_can_shrink_is_incompatible_and_says_where_it_would_run() -> None:
    big = replace(LLAMA_8B, layers=LLAMA_8B.layers * 4)
    others = {"other_profiles": [profile("bf16", 2)], "other_gpus": [H100, A100, L40S]}
    found = fit(big, profile(), L40S, EngineSettings(max_model_len=8192), **others)  # type: ignore[arg-type]  # by name
    assert found.verdict == "incompatible"
    where = [(r.profile.tensor_parallel, r.gpu.short_name) for r in found.repairs if r.profile and r.gpu]
    assert where == [(2, "L40S"), (1, "H100")]


def test_a_number_of_gpus_that_the_heads_cannot_be_dealt_to_is_incompatible() -> None:
    found = fit(LLAMA_8B, profile("bf16", 3), H100)
    assert (found.verdict, found.estimate, found.longest_context_tokens) == ("incompatible", None, 0)
    assert "cannot be dealt to 3" in found.gaps[0]


def test_the_floor_of_the_manifest_refuses_and_the_disagreement_is_told() -> None:
    found = fit(LLAMA_8B, profile(min_vram_per_device_gb="60"), L40S)
    assert found.verdict == "low_memory"
    assert found.contradiction is not None
    assert "says that L40S is too small; our estimate says it fits" in found.contradiction


def test_the_floor_falls_with_the_context() -> None:
    tight = profile(min_vram_per_device_gb="60")
    assert fit(LLAMA_8B, tight, L40S, EngineSettings(max_model_len=8192)).verdict == "compatible"


def test_a_lora_profile_keeps_a_slot_even_where_nobody_asked_for_one() -> None:
    plain, lora = (fit(LLAMA_8B, profile(feat_lora=word), H100).estimate for word in ("false", "true"))
    assert plain is not None
    assert lora is not None
    assert lora.kv_available.likely_bytes < plain.kv_available.likely_bytes


def test_a_listing_goes_before_the_manifest() -> None:
    found = fit(LLAMA_8B, profile(min_vram_per_device_gb="60"), L40S, listing_requires_gb=33)
    assert (found.verdict, found.floor_bytes) == ("compatible", 33_000_000_000)


def test_a_gpu_that_the_floor_allows_and_the_estimate_refuses_is_refused_with_the_disagreement() -> None:
    found = fit(LLAMA_8B, profile(min_vram_per_device_gb="20"), L4)
    assert found.verdict == "low_memory"
    assert found.contradiction is not None
    assert "says that L4 is enough; our estimate says it is too small" in found.contradiction


@pytest.mark.parametrize(
    ("precision", "expected"),
    [
        ("bf16", ("bfloat16", "none")),
        ("fp16", ("float16", "none")),
        ("fp8", ("bfloat16", "fp8")),
        (None, ("bfloat16", None)),
    ],
)
def test_a_precision_word_decides_how_a_plain_checkpoint_is_loaded(
    precision: str | None, expected: tuple[str, str | None]
) -> None:
    assert load_format(LLAMA_8B, precision) == expected


def test_a_checkpoint_of_that_many_bits_keeps_its_own_scheme() -> None:
    assert load_format(GPT_OSS_20B, "mxfp4") == ("bfloat16", None)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([LLAMA_8B, GPT_OSS_20B]), st.integers(1, 131072))
def test_verdicts_by_default_settings_never_worsen_from_one_small_gpu_to_a_larger_one(
    shape: ModelShape, length: int
) -> None:
    small = [gpu for gpu in GPUS if gpu.memory_bytes < 60 * 2**30 and gpu.compute_capability >= (8, 0)]
    chosen = profile("bf16" if shape is LLAMA_8B else "mxfp4")
    order = ["incompatible", "low_memory", "compatible"]
    ranks = [
        order.index(fit(shape, chosen, gpu, EngineSettings(max_model_len=length)).verdict)
        for gpu in sorted(small, key=lambda gpu: gpu.memory_bytes)
    ]
    assert ranks == sorted(ranks)
