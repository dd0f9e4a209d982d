"""KV cache layout, against what a real vLLM counted."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nim_profiles.kv_cache import KvLayout, kv_bytes_per_token, kv_layout
from nim_profiles.shape import AttentionCache, UnsupportedShape, read_shape

ROWS: list[dict[str, Any]] = json.loads((Path(__file__).parents[1] / "data" / "real_vllm.json").read_text())
SEEN = [row for row in ROWS if "seen" in row]
TOO_LONG = [row for row in ROWS if "too_long" in row]
DEEPSEEK_V2_LITE = {
    "architectures": ["DeepseekV2ForCausalLM"], "hidden_size": 2048, "intermediate_size": 10944,
    "num_hidden_layers": 27, "num_attention_heads": 16, "vocab_size": 102400, "max_position_embeddings": 163840,
    "kv_lora_rank": 512, "qk_rope_head_dim": 64, "qk_nope_head_dim": 128, "v_head_dim": 128, "n_routed_experts": 64,
    "n_shared_experts": 2,
    "moe_intermediate_size": 1408, "first_k_dense_replace": 1, "tie_word_embeddings": False,
}  # fmt: skip


def _layout(row: dict[str, Any]) -> KvLayout:
    """As the CPU build lays it out: blocks of 128 tokens, 16 for MLA; 4,096 batched tokens a rank."""
    settings, seen = row["settings"], row.get("seen", {})
    config = {**row["config"], "use_mla": False} if "VLLM_MLA_DISABLE" in row["notes"] else row["config"]
    shape = read_shape(config)
    tp, pp = settings.get("tp", 1), settings.get("pp", 1)
    latent = any(isinstance(cache, AttentionCache) and cache.latent for layer in shape.layers for cache in layer.caches)
    return kv_layout(
        shape,
        tensor_parallel=tp,
        pipeline_parallel=pp,
        dtype=settings["dtype"],
        kv_dtype=settings.get("kv_cache_dtype", "auto"),
        block_size=settings.get("block_size") or (16 if latent else 128),
        max_batched_tokens=seen.get("max_num_batched_tokens")
        or settings.get("max_num_batched_tokens")
        or 4096 * tp * pp,
        prefix_caching=settings.get("enable_prefix_caching", True),
        hybrid_manager=not settings.get("disable_hybrid_kv_cache_manager"),
    )


@pytest.mark.parametrize("row", SEEN, ids=[row["id"] for row in SEEN])
def test_the_cache_holds_as_many_tokens_as_a_real_vllm_said(row: dict[str, Any]) -> None:
    layout, seen = _layout(row), row["seen"]
    assert list(layout.bytes_per_block) == seen["kv_bytes_per_block_per_rank"][:: row["settings"].get("tp", 1)]
    assert layout.block_count(row["settings"]["kv_bytes"]) == seen["num_blocks"]
    assert layout.tokens(row["settings"]["kv_bytes"], seen["max_model_len"]) == seen["kv_tokens"]


@pytest.mark.parametrize("row", TOO_LONG, ids=[row["id"] for row in TOO_LONG])
def test_the_longest_length_is_what_vllm_offered_when_it_refused(row: dict[str, Any]) -> None:
    told = row["too_long"]
    assert _layout(row).longest(row["settings"]["kv_bytes"], told["max_model_len"]) == told["estimated_max_model_len"]


def test_mla_keeps_one_compressed_vector_a_token_on_every_rank() -> None:
    shape = read_shape(DEEPSEEK_V2_LITE)
    assert kv_bytes_per_token(shape) == 31_104  # row m060: 27 layers x (512 + 64) x 2 bytes
    assert kv_bytes_per_token(shape, tensor_parallel=8) == 31_104


def test_kv_heads_fewer_than_ranks_are_copied() -> None:
    config = next(row["config"] for row in ROWS if row["id"] == "llama-gqa-bf16")
    shape = read_shape(config)
    assert kv_bytes_per_token(shape, tensor_parallel=2) == kv_bytes_per_token(shape, tensor_parallel=4)


def test_kv_heads_that_do_not_divide_are_refused() -> None:
    config = {**next(row["config"] for row in ROWS if row["id"] == "llama-gqa-bf16"), "num_key_value_heads": 5}
    with pytest.raises(UnsupportedShape, match="5 KV heads"):
        kv_bytes_per_token(read_shape(config), tensor_parallel=2)


def test_not_even_one_block_gives_no_length() -> None:
    shape = read_shape(DEEPSEEK_V2_LITE)
    assert kv_layout(shape).longest(1000, shape.max_position_embeddings) == 0


@given(row=st.sampled_from(SEEN), few=st.integers(0, 2**31), more=st.integers(0, 2**31), length=st.integers(1, 2**20))
def test_more_memory_never_holds_less_and_more_context_never_needs_less(
    row: dict[str, Any], few: int, more: int, length: int
) -> None:
    layout = _layout(row)
    assert layout.longest(few, length) <= layout.longest(few + more, length) <= length
    assert layout.tokens(few, length) <= layout.tokens(few + more, length)
    assert layout.blocks_per_request(length) <= layout.blocks_per_request(length + 1)


@given(row=st.sampled_from(SEEN), budget=st.integers(2**20, 2**33))
def test_the_longest_length_fits_and_one_more_token_does_not(row: dict[str, Any], budget: int) -> None:
    layout, limit = _layout(row), 2**21
    longest = layout.longest(budget, limit)
    blocks = layout.block_count(budget) - 1
    assert longest == 0 or layout.blocks_per_request(longest) <= blocks
    assert longest == limit or layout.blocks_per_request(longest + 1) > blocks
