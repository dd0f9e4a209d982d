"""Repairs: each is checked, each frees what it says, the least felt comes first."""

from hypothesis import given, settings
from hypothesis import strategies as st

from nim_profiles.memory import EngineSettings, fit
from nim_profiles.memory.repair import SHORTEST_CONTEXT_TOKENS
from nim_profiles.shape import ModelShape
from tests.profiles.memory.examples import A10G, GPT_OSS_20B, H100, L4, L40S, LLAMA_8B, gpu_of, profile


def test_the_longest_context_that_runs_is_offered_and_not_one_step_more() -> None:
    (repair,) = (r for r in fit(LLAMA_8B, profile(), A10G).repairs if r.flag == "--max-model-len")
    assert repair.flags == (f"--max-model-len={repair.value}",)
    assert fit(LLAMA_8B, profile(), A10G, EngineSettings(max_model_len=int(repair.value))).verdict == "compatible"
    longer = EngineSettings(max_model_len=int(repair.value) + 1024)
    assert fit(LLAMA_8B, profile(), A10G, longer).verdict != "compatible"


def test_what_is_felt_least_comes_first() -> None:
    order = [
        "--gpu-memory-utilization",
        "--max-num-seqs",
        "--max-num-batched-tokens",
        "--max-model-len",
        "--enforce-eager",
    ]
    found = [repair.flag for repair in fit(GPT_OSS_20B, profile("mxfp4"), gpu_of(18 * 1024)).repairs]
    assert found
    assert [flag for flag in order if flag in found] == [flag for flag in found if flag in order]


def test_eight_bit_keys_are_offered_only_where_the_gpu_has_them() -> None:
    offered = [
        any(r.flag == "--kv-cache-dtype" for r in fit(LLAMA_8B, profile(), gpu).repairs)
        for gpu in (A10G, gpu_of(29696))
    ]
    assert offered == [False, True]


def test_where_no_single_flag_helps_several_do_together() -> None:
    asked = EngineSettings(max_num_seqs=1024, max_num_batched_tokens=8192, vllm_version="0.11.0")
    (repair,) = fit(LLAMA_8B, profile(), L4, asked).repairs
    assert repair.flags[0] == "--max-num-seqs=64"
    assert repair.flags[-1].startswith("--max-model-len=")
    assert repair.settings is not None
    assert fit(LLAMA_8B, profile(), L4, repair.settings).verdict == "compatible"


def test_a_profile_of_the_image_and_a_gpu_are_named_where_they_run() -> None:
    found = fit(LLAMA_8B, profile(), A10G, other_profiles=[profile(), profile("bf16", 2)], other_gpus=[H100, L40S])
    (other, larger) = (repair for repair in found.repairs if not repair.flags)
    assert other.text == "run vllm-bf16-tp2-pp1 on NVIDIA-A10G"
    assert larger.text == "run vllm-bf16-tp1-pp1 on NVIDIA-L40S"


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from([(LLAMA_8B, "bf16"), (LLAMA_8B, "fp8"), (GPT_OSS_20B, "mxfp4")]),
    st.integers(10 * 1024, 96 * 1024),
    st.sampled_from(["0.11.0", "0.20.0", "0.33.0"]),
    st.none() | st.integers(SHORTEST_CONTEXT_TOKENS, 131072),
    st.none() | st.integers(1, 1024),
    st.sampled_from([1, 2]),
    st.sampled_from([1, 2]),
)
def test_the_repaired_settings_always_fit(
    model: tuple[ModelShape, str], mib: int, version: str, length: int | None, sequences: int | None, tp: int, pp: int
) -> None:
    shape, precision = model
    asked = EngineSettings(vllm_version=version, max_model_len=length, max_num_seqs=sequences)
    found = fit(shape, profile(precision, tp, pp), gpu_of(mib), asked)
    assert (found.verdict == "low_memory") == bool(found.repairs)
    for repair in found.repairs:
        assert repair.settings is not None
        assert repair.frees_bytes > 0
        assert fit(shape, profile(precision, tp, pp), gpu_of(mib), repair.settings).verdict == "compatible"
