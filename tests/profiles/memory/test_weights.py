"""Weights as loaded, against what real servers printed (rows of tests/data/vllm_memory.json)."""

from dataclasses import replace

import pytest

from nim_profiles.memory.settings import Range
from nim_profiles.memory.weights import weights
from nim_profiles.shape import ModelShape
from nim_profiles.units import GIB
from tests.profiles.memory.examples import GPT_OSS_20B, LLAMA_8B


def test_an_8b_in_bf16_weighs_what_vllm_printed() -> None:
    (found,) = weights(LLAMA_8B, tensor_parallel=1, pipeline_parallel=1, dtype="bfloat16")
    assert found.likely_bytes / GIB == pytest.approx(14.96, rel=0.005)  # m075


def test_mxfp4_kernels_pad_their_experts() -> None:
    (found,) = weights(GPT_OSS_20B, tensor_parallel=1, pipeline_parallel=1, dtype="bfloat16")
    assert found.likely_bytes / GIB == pytest.approx(13.72, rel=0.005)  # m020


def test_a_tower_that_is_not_described_gets_a_wide_allowance_unless_images_are_off() -> None:
    pictures = replace(LLAMA_8B, uncounted=("vision_config is missing",))

    def weight(shape: ModelShape, *, vision: bool) -> Range:
        return weights(shape, tensor_parallel=1, pipeline_parallel=1, dtype="bfloat16", vision=vision)[0]

    plain, with_tower = weight(LLAMA_8B, vision=True), weight(pictures, vision=True)
    assert with_tower.likely_bytes - plain.likely_bytes == int(1.11 * GIB)
    assert with_tower.safe_bytes - plain.safe_bytes == 2 * GIB
    assert weight(pictures, vision=False) == weight(LLAMA_8B, vision=False)


def test_a_named_scheme_overrides_the_checkpoint() -> None:
    plain, fp8 = (
        weights(LLAMA_8B, tensor_parallel=1, pipeline_parallel=1, dtype="bfloat16", quantization=name)[0]
        for name in ("none", "fp8")
    )
    assert 0.5 < fp8.likely_bytes / plain.likely_bytes < 0.6
    assert all(size.safe_bytes > size.likely_bytes for size in (plain, fp8))
