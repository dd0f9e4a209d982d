"""Weights as loaded, against what real servers printed (rows of tests/data/vllm_memory.json)."""

import pytest

from nim_profiles.memory.weights import weights
from nim_profiles.units import GIB
from tests.profiles.memory.examples import GPT_OSS_20B, LLAMA_8B


def test_an_8b_in_bf16_weighs_what_vllm_printed() -> None:
    (found,) = weights(LLAMA_8B, tensor_parallel=1, pipeline_parallel=1, dtype="bfloat16")
    assert found.likely_bytes / GIB == pytest.approx(14.96, rel=0.005)  # m075


def test_mxfp4_kernels_pad_their_experts() -> None:
    (found,) = weights(GPT_OSS_20B, tensor_parallel=1, pipeline_parallel=1, dtype="bfloat16")
    assert found.likely_bytes / GIB == pytest.approx(13.72, rel=0.005)  # m020


def test_a_named_scheme_overrides_the_checkpoint() -> None:
    plain, fp8 = (
        weights(LLAMA_8B, tensor_parallel=1, pipeline_parallel=1, dtype="bfloat16", quantization=name)[0]
        for name in ("none", "fp8")
    )
    assert 0.5 < fp8.likely_bytes / plain.likely_bytes < 0.6
    assert all(size.safe_bytes > size.likely_bytes for size in (plain, fp8))
