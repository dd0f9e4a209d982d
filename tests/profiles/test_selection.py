"""Selection: precedence, warnings, and refusals that say everything."""

import dataclasses
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nim_profiles.gpu import Gpu
from nim_profiles.instance import catalogue
from nim_profiles.profile import Profile
from nim_profiles.profile_id import profile_id
from nim_profiles.selection import (
    AmbiguousName,
    BadWish,
    Incompatible,
    NoSuchProfile,
    Refusal,
    Rule,
    Selection,
    Source,
    select,
)

L40S, T4, H100 = (
    next(kind.gpu for kind in catalogue().values() if kind.gpu.short_name == name) for name in ("L40S", "T4", "H100")
)


def profile(name: str, **tags: str) -> Profile:
    plain = {"feat_lora": "false", "llm_engine": "vllm", "pp": "1", "precision": "fp8", "tp": "1"}
    merged = {**plain, **tags}
    return Profile(id=profile_id(merged), name=name, tags=merged)


FP8 = profile("vllm-fp8-tp1-pp1-27.0", min_vram_per_device_gb="27.0")
FP8_LORA = profile("vllm-fp8-tp1-pp1-feat_lora-27.0", min_vram_per_device_gb="27.0", feat_lora="true")
FP8_TP4 = profile("vllm-fp8-tp4-pp1-12.0", min_vram_per_device_gb="12.0", tp="4")
BF16 = profile("vllm-bf16-tp1-pp1-63.0", min_vram_per_device_gb="63.0", precision="bf16")
NVFP4 = profile("vllm-nvfp4-tp1-pp1-24.0", min_vram_per_device_gb="24.0", precision="nvfp4")
FOR_L40S = profile("tensorrt_llm-l40s-fp8-tp1-pp1-throughput", llm_engine="tensorrt_llm", gpu="L40S")
ALL = (FP8, FP8_LORA, FP8_TP4, BF16, NVFP4, FOR_L40S)
LISTED = tuple(dataclasses.replace(each, tags_complete=False, tags={"llm_engine": "vllm"}) for each in ALL)


def test_an_id_is_taken_and_needs_no_warning() -> None:
    chosen = select(ALL, FP8.id, L40S, 1)
    assert (chosen.profile, chosen.reason.source, chosen.reason.rule) == (FP8, Source.ENVIRONMENT, Rule.ID)
    assert chosen.warnings == ()


def test_a_name_is_taken_whatever_its_case_and_the_warning_says_which_id_to_pin() -> None:
    chosen = select(ALL, "VLLM-fp8-TP1-pp1-27.0", L40S)
    assert (chosen.profile, chosen.reason.rule) == (FP8, Rule.NAME)
    assert [warning for warning in chosen.warnings if f"Pin the id {FP8.id}" in warning] == list(chosen.warnings)


def test_an_argument_overrules_the_environment_and_says_so() -> None:
    chosen = select(ALL, FP8.id, argument=FP8_TP4.id)
    assert (chosen.profile, chosen.reason.source) == (FP8_TP4, Source.ARGUMENT)
    assert f"overrules NIM_MODEL_PROFILE={FP8.id!r}" in chosen.warnings[0]


def test_an_argument_that_agrees_with_the_environment_is_no_conflict() -> None:
    assert select(ALL, FP8.id, argument=FP8.id).warnings == ()


def test_automatic_prefers_the_profile_built_for_the_gpu_and_says_what_is_not_deterministic() -> None:
    chosen = select(ALL, None, L40S, 1)
    assert (chosen.profile, chosen.reason.rule) == (FOR_L40S, Rule.AUTOMATIC)
    assert chosen.runners_up == (FP8, FP8_LORA)
    assert "memory that is free when it starts" in chosen.warnings[0]


def test_automatic_takes_the_generic_profile_where_no_other_fits() -> None:
    assert select(ALL, None, H100, 1).profile == FP8


def test_default_prefers_the_generic_profile_and_says_what_is_not_deterministic() -> None:
    chosen = select(ALL, "default", L40S, 1)
    assert (chosen.profile, chosen.reason.rule) == (FP8, Rule.DEFAULT)
    assert "`download-to-cache` rejects it" in chosen.warnings[0]


def test_without_a_gpu_the_answer_says_that_nothing_was_ruled_out() -> None:
    assert "No GPU was given" in select(ALL, None).warnings[1]


def test_low_memory_warns_about_a_profile_that_is_named() -> None:
    chosen = select(ALL, BF16.id, L40S)
    assert chosen.profile == BF16
    short = "vllm-bf16-tp1-pp1-63.0 needs 58.7 GiB a GPU (63 GB), NVIDIA-L40S has 44.7 GiB"
    assert chosen.warnings == (f"Low memory: {short}. It starts only with a --max-model-len short enough to fit.",)


def test_an_id_and_a_name_in_one_are_refused_with_the_fix() -> None:
    with pytest.raises(BadWish) as refused:
        select(ALL, f"{FP8.id} ({FP8.name})")
    assert str(refused.value).endswith(f"Write {FP8.id} alone")


@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_wish_is_refused(empty: str) -> None:
    with pytest.raises(BadWish, match="leave it unset"):
        select(ALL, empty)


def test_an_ambiguous_name_is_refused_with_all_ids() -> None:
    twin = dataclasses.replace(FP8_TP4, name=FP8.name.upper())
    with pytest.raises(AmbiguousName) as refused:
        select([*ALL, twin], FP8.name)
    assert refused.value.ids == tuple(sorted((FP8.id, FP8_TP4.id)))
    assert all(identifier in str(refused.value) for identifier in refused.value.ids)


def test_an_absent_name_shows_the_three_closest_and_how_they_differ() -> None:
    with pytest.raises(NoSuchProfile) as refused:
        select(ALL, "vllm-fp8-tp2-pp1-27.0")
    assert str(refused.value).splitlines() == [
        "no profile has the id or the name 'vllm-fp8-tp2-pp1-27.0'. Closest:",
        f"  {FP8.id} (vllm-fp8-tp1-pp1-27.0): tp 1 instead of 2",
        f"  {FP8_TP4.id} (vllm-fp8-tp4-pp1-12.0): min_vram_per_device_gb 12.0 instead of 27.0, tp 4 instead of 2",
        f"  {FP8_LORA.id} (vllm-fp8-tp1-pp1-feat_lora-27.0): feat_lora true instead of false, tp 1 instead of 2",
    ]


def test_the_short_name_of_the_documentation_is_refused_and_the_printed_name_is_closest() -> None:
    with pytest.raises(NoSuchProfile) as refused:
        select(ALL, "vllm-fp8-tp1-pp1")
    assert refused.value.near[0].profile == FP8
    assert refused.value.near[0].differences == ("min_vram_per_device_gb 27.0, which was not asked for",)


def test_an_id_that_another_memory_estimate_gave_is_recognised() -> None:
    before = profile_id({**FP8.tags, "min_vram_per_device_gb": "25.0"})
    with pytest.raises(NoSuchProfile) as refused:
        select(ALL, before)
    assert refused.value.near[0].profile == FP8
    assert refused.value.near[0].differences == ("min_vram_per_device_gb 27.0 instead of 25.0",)


def test_an_id_of_another_image_with_the_same_kind_of_tags_is_recognised() -> None:
    elsewhere = profile_id({**FP8.tags, "min_vram_per_device_gb": "21.0", "precision": "mxfp4", "tp": "2"})
    with pytest.raises(NoSuchProfile) as refused:
        select(ALL, elsewhere)
    assert FP8 in [near.profile for near in refused.value.near]
    assert all("instead of mxfp4" in " ".join(near.differences) for near in refused.value.near)


def test_an_id_of_unknown_tags_still_names_three_profiles() -> None:
    with pytest.raises(NoSuchProfile) as refused:
        select(ALL, "0" * 64)
    assert len(refused.value.near) == 3
    assert {near.differences for near in refused.value.near} == {("another id, whose tags are not known",)}


def test_a_slip_in_an_id_is_recognised() -> None:
    slip = FP8.id[:-1] + ("0" if FP8.id[-1] != "0" else "1")
    with pytest.raises(NoSuchProfile) as refused:
        select(ALL, slip)
    assert refused.value.near[0].profile == FP8
    assert refused.value.near[0].differences == ("1 of 64 characters differ, probably a slip of the hand",)


def test_an_abbreviated_id_is_refused_and_its_profile_is_closest() -> None:
    with pytest.raises(NoSuchProfile) as refused:
        select(ALL, NVFP4.id[:8])
    assert refused.value.near[0].profile == NVFP4


def test_a_refusal_names_every_candidate_and_what_it_lacks() -> None:
    with pytest.raises(Incompatible) as refused:
        select([FP8, BF16, FOR_L40S, FP8_TP4], None, T4, 1)
    no_fp8 = "fp8 needs compute capability 8.9, Tesla-T4 has 7.5"
    no_bf16 = "bf16 needs compute capability 8.0, Tesla-T4 has 7.5"
    assert str(refused.value).splitlines()[1:] == [
        f"  {FOR_L40S.id} ({FOR_L40S.name}): is built for L40S, not for Tesla-T4; {no_fp8}",
        f"  {BF16.id} ({BF16.name}): {no_bf16}; needs 58.7 GiB a GPU (63 GB), Tesla-T4 has 15.0 GiB",
        f"  {FP8.id} ({FP8.name}): {no_fp8}; needs 25.1 GiB a GPU (27 GB), Tesla-T4 has 15.0 GiB",
        f"  {FP8_TP4.id} ({FP8_TP4.name}): {no_fp8}; needs 4 GPUs, there are 1",
    ]


@pytest.mark.parametrize(("pinned", "lacks"), [(NVFP4, "compute capability 10.0"), (FP8_TP4, "needs 4 GPUs")])
def test_a_pinned_profile_that_cannot_run_is_refused(pinned: Profile, lacks: str) -> None:
    with pytest.raises(Incompatible, match=lacks):
        select(ALL, pinned.id, H100, 1)


def test_no_profiles_at_all_are_a_refusal_too() -> None:
    with pytest.raises(Incompatible, match="no profiles at all"):
        select([], None)
    with pytest.raises(NoSuchProfile, match="no profiles at all"):
        select([], "vllm-fp8-tp1-pp1")


def test_a_number_of_gpus_that_contradicts_tensor_times_pipeline_is_told() -> None:
    odd = profile("vllm-fp8-tp2-pp1", tp="2", number_of_gpus="4")
    assert select([odd], odd.id).warnings == (
        "The tags say number_of_gpus 4, but tensor x pipeline is 2, which is used.",
    )


def outcome(profiles: tuple[Profile, ...], wanted: str | None, gpu: Gpu | None) -> Selection | tuple[str, str]:
    try:
        return select(profiles, wanted, gpu, 1)
    except Refusal as refusal:
        return type(refusal).__name__, str(refusal)


TWICE = dataclasses.replace(BF16, workspace_hash="a" * 64)
"""The same id with other content, as in a file put together by hand."""


@cache
def in_one_order(wanted: str | None, gpu: Gpu | None) -> Selection | tuple[str, str]:
    return outcome((*ALL, *LISTED, TWICE), wanted, gpu)


@given(
    st.permutations([*ALL, *LISTED, TWICE]),
    st.sampled_from([None, "default", FP8.id, FP8.name, "vllm-fp8-tp9", NVFP4.id[:8], BF16.name]),
    st.sampled_from([None, L40S, T4, H100]),
)
@settings(max_examples=100, deadline=None)
def test_the_order_of_the_profiles_never_matters(order: list[Profile], wanted: str | None, gpu: Gpu | None) -> None:
    assert outcome(tuple(order), wanted, gpu) == in_one_order(wanted, gpu)
