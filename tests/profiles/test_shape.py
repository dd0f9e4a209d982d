"""Model shapes from config.json."""

from typing import Any

import pytest

from nim_profiles.shape import AttentionCache, StateCache, UnsupportedShape, read_shape
from nim_profiles.shape_catalogue import UnknownModel, known_configs, known_shape

LLAMA: dict[str, Any] = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "vocab_size": 128256,
    "max_position_embeddings": 8192,
    "tie_word_embeddings": False,
}


def test_llama_3_8b_has_its_published_number_of_parameters() -> None:
    assert read_shape(LLAMA).parameter_count == 8_030_261_248


def test_every_published_parameter_count_is_met_within_half_a_percent() -> None:
    counted = 0
    for model, config in known_configs().items():
        published = config.get("total_params") or config.get("total_params_computed")
        try:
            shape = known_shape(model)
        except UnsupportedShape:
            continue
        if published:
            counted += 1
            assert shape.parameter_count == pytest.approx(published, rel=0.005), model
    assert counted >= 53


def test_every_configuration_of_the_catalogue_gives_a_shape_or_a_refusal_that_names_the_model() -> None:
    refusals: dict[str, str] = {}
    for model in known_configs():
        try:
            known_shape(model)
        except UnsupportedShape as refusal:
            refusals[model] = str(refusal)
    named = ("config.json", "architecture", "num_hidden_layers")
    assert all(text.startswith(f"{model}: ") for model, text in refusals.items())
    assert [text for text in refusals.values() if not any(word in text for word in named)] == []
    assert len(known_configs()) == 206
    assert len(refusals) <= 84


def test_a_model_outside_the_catalogue_is_refused_by_name() -> None:
    with pytest.raises(UnknownModel, match="acme/unheard-of"):
        known_shape("acme/unheard-of")


def test_an_unknown_architecture_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedShape) as refused:
        read_shape({**LLAMA, "architectures": ["QuuxForCausalLM"]}, "acme/quux")
    assert str(refused.value) == "acme/quux: architecture QuuxForCausalLM is not one we can count"


@pytest.mark.parametrize(
    "key", ["hidden_size", "num_hidden_layers", "vocab_size", "intermediate_size", "num_attention_heads"]
)
def test_a_missing_size_is_refused_by_the_name_of_its_field(key: str) -> None:
    config = {name: value for name, value in LLAMA.items() if name != key}
    with pytest.raises(UnsupportedShape, match=f"config.json lacks .*{key}"):
        read_shape(config)


def test_a_tied_head_is_counted_once() -> None:
    untied, tied = read_shape(LLAMA), read_shape({**LLAMA, "tie_word_embeddings": True})
    assert untied.parameter_count - tied.parameter_count == LLAMA["vocab_size"] * LLAMA["hidden_size"]


def test_a_window_that_is_switched_off_is_no_window() -> None:
    config = {**LLAMA, "architectures": ["Qwen2ForCausalLM"], "sliding_window": 1024, "use_sliding_window": False}
    assert _windows(config) == {None}
    assert _windows({**config, "use_sliding_window": True}) == {1024}


def test_every_second_layer_of_gemma_2_has_a_window() -> None:
    shape = known_shape("google/gemma-2-2b-it") if "google/gemma-2-2b-it" in known_configs() else None
    config = {**LLAMA, "architectures": ["Gemma2ForCausalLM"], "sliding_window": 4096, "head_dim": 256}
    shape = shape or read_shape(config)
    windows = [
        cache.window_tokens for layer in shape.layers for cache in layer.caches if isinstance(cache, AttentionCache)
    ]
    assert windows[:4] == [4096, None, 4096, None]


def test_a_hybrid_keeps_states_in_some_layers_and_tokens_in_others() -> None:
    mamba = {"mamba_d_conv": 4, "mamba_d_state": 16, "mamba_expand": 2, "mamba_dt_rank": 256, "num_experts": 16}
    period = {"attn_layer_period": 8, "attn_layer_offset": 4, "expert_layer_period": 2, "expert_layer_offset": 1}
    shape = read_shape({**LLAMA, **mamba, **period, "architectures": ["JambaForCausalLM"]})
    kinds = [type(layer.caches[0]) for layer in shape.layers]
    assert kinds.count(AttentionCache) == 4
    assert kinds.count(StateCache) == 28


def test_a_tower_without_sizes_is_left_out_and_said_so() -> None:
    config = {**LLAMA, "architectures": ["KimiVLForConditionalGeneration"], "vision_config": {"patch_size": 14}}
    latent = {
        "kv_lora_rank": 512,
        "q_lora_rank": 1536,
        "qk_rope_head_dim": 64,
        "qk_nope_head_dim": 128,
        "v_head_dim": 128,
    }
    experts = {"n_routed_experts": 8, "n_shared_experts": 1, "num_experts_per_tok": 2, "moe_intermediate_size": 512}
    shape = read_shape({**config, **latent, **experts})
    assert shape.uncounted == ("vision_config.model_type (none given) is not one we can count",)


def test_a_nested_decoder_may_leave_its_sizes_to_the_defaults_of_its_type() -> None:
    text = {
        "model_type": "llama",
        "architectures": ["LlamaForCausalLM"],
        "vocab_size": 32064,
        "max_position_embeddings": 4096,
    }
    tower = {
        "model_type": "clip_vision_model", "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24,
        "num_attention_heads": 16, "image_size": 336, "patch_size": 14,
    }  # fmt: skip
    llava = {"architectures": ["LlavaForConditionalGeneration"], "model_type": "llava"}
    shape = read_shape({**llava, "text_config": text, "vision_config": tower, "tie_word_embeddings": False})
    # llava-1.5-7b-hf has 7,063,427,072 parameters; vLLM leaves out the tower's last layer and norm.
    assert shape.parameter_count == pytest.approx(7_063_427_072, rel=0.005)


def test_a_wrapper_is_read_by_the_type_of_its_decoder() -> None:
    text = {key: value for key, value in LLAMA.items() if key != "architectures"}
    shape = read_shape({"architectures": ["NewWrapperForConditionalGeneration"], "text_config": text})
    assert shape.parameter_count == 8_030_261_248
    assert shape.uncounted == ("vision_config is missing",)


def test_a_wrapper_of_an_unknown_decoder_is_refused() -> None:
    wrapper = {"architectures": ["NewWrapperForConditionalGeneration"], "text_config": {"model_type": "quux"}}
    with pytest.raises(UnsupportedShape, match="NewWrapperForConditionalGeneration names no decoder that we can count"):
        read_shape(wrapper)


def test_experts_only_where_the_configuration_has_them() -> None:
    experts = {"n_routed_experts": 8, "n_shared_experts": 1, "moe_intermediate_size": 512, "first_k_dense_replace": 3}
    shape = read_shape({**LLAMA, **experts, "architectures": ["DeepseekForCausalLM"]})
    routed = [any(tensor.name == "router" for tensor in layer.tensors) for layer in shape.layers]
    assert routed == [False] * 3 + [True] * 29


def _windows(config: dict[str, Any]) -> set[int | None]:
    shape = read_shape(config)
    return {
        cache.window_tokens for layer in shape.layers for cache in layer.caches if isinstance(cache, AttentionCache)
    }
