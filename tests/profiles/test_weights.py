"""Weight bytes per rank, against what a real vLLM counted."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nim_profiles.shape import ModelShape, UnsupportedShape, UnsupportedSharding, read_shape
from nim_profiles.shape_catalogue import known_configs, known_shape
from nim_profiles.weights import rotary_table_bytes, weight_bytes_per_rank

ROWS: list[dict[str, Any]] = json.loads((Path(__file__).parents[1] / "data" / "real_vllm.json").read_text())
COUNTED = [row for row in ROWS if "seen" in row]


def _shapes() -> list[ModelShape]:
    shapes = []
    for model in known_configs():
        try:
            shapes.append(known_shape(model))
        except UnsupportedShape:
            continue
    return shapes


SHAPES = _shapes()


@pytest.mark.parametrize("row", COUNTED, ids=[row["id"] for row in COUNTED])
def test_every_rank_weighs_what_a_real_vllm_counted(row: dict[str, Any]) -> None:
    tp, pp = row["settings"].get("tp", 1), row["settings"].get("pp", 1)
    ours = weight_bytes_per_rank(
        read_shape(row["config"]),
        tensor_parallel=tp,
        pipeline_parallel=pp,
        dtype=row["settings"]["dtype"],
        vision="limit_mm_per_prompt" not in row["settings"] or "tower" in row["id"],
    )
    assert [size for size in ours for _ in range(tp)] == row["seen"]["weight_bytes_per_rank"]


def test_llama_3_8b_weighs_what_vllm_printed_with_its_rotary_table() -> None:
    shape = read_shape(
        {
            "architectures": ["LlamaForCausalLM"], "hidden_size": 4096, "intermediate_size": 14336,
            "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256,
            "max_position_embeddings": 8192, "tie_word_embeddings": False,
        }
    )  # fmt: skip
    (size,) = weight_bytes_per_rank(shape, tensor_parallel=1, pipeline_parallel=1, dtype="bfloat16")
    assert (size + rotary_table_bytes(shape, "bfloat16")) / 2**30 == pytest.approx(14.9595, abs=0.0002)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(SHAPES), st.sampled_from([1, 2, 4]))
def test_doubling_the_ranks_saves_at_least_half_of_what_is_not_copied(shape: ModelShape, ranks: int) -> None:
    try:
        (few,) = _bytes(shape, ranks)
        (many,) = _bytes(shape, 2 * ranks)
    except UnsupportedSharding:
        return
    copied = sum(
        tensor.elements_per_rank(2 * ranks) * 4
        for tensor in (
            *shape.first,
            *shape.last,
            *shape.everywhere,
            *shape.vision,
            *(t for layer in shape.layers for t in layer.tensors),
        )
        if tensor.elements_per_rank(ranks) == tensor.elements_per_rank(2 * ranks)
    )
    assert many <= few
    assert many <= (few + copied) / 2 + 1024 * len(shape.layers)


def _bytes(shape: ModelShape, ranks: int) -> tuple[int, ...]:
    return weight_bytes_per_rank(shape, tensor_parallel=ranks, pipeline_parallel=1, dtype="bfloat16")


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(SHAPES), st.integers(1, 8))
def test_pipeline_stages_together_hold_the_model_and_its_copies(shape: ModelShape, stages: int) -> None:
    (whole,) = _bytes(shape, 1)
    split = weight_bytes_per_rank(shape, tensor_parallel=1, pipeline_parallel=stages, dtype="bfloat16")
    assert len(split) == stages
    assert sum(split) >= whole
    assert max(split) <= whole


def test_a_number_of_ranks_that_vllm_refuses_is_refused() -> None:
    config = next(row["config"] for row in ROWS if row["id"] == "llama-gqa-bf16")
    with pytest.raises(UnsupportedSharding, match="use a number that divides 10"):
        _bytes(read_shape(config), 4)
