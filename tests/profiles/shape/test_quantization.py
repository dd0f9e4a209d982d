"""Quantization schemes as checkpoints write them."""

from typing import Any

import pytest

from nim_profiles.shape import Role, UnsupportedShape, read_shape
from nim_profiles.shape.quantization import Quantization, dtype_bytes, read_quantization, tensor_bytes
from nim_profiles.shape.tensor import matrix, vector
from nim_profiles.weights import weight_bytes_per_rank

BLOCK_FP8 = {"quant_method": "fp8", "fmt": "e4m3", "activation_scheme": "dynamic", "weight_block_size": [128, 128]}
INT4 = {"weights": {"num_bits": 4, "type": "int", "group_size": 128, "strategy": "group"}}
NVFP4 = {"weights": {"num_bits": 4, "type": "float", "group_size": 16}}


@pytest.mark.parametrize(
    ("written", "name", "bits_per_weight"),
    [
        ({"quant_method": "awq", "bits": 4, "group_size": 128}, "awq", 4.15625),
        ({"quant_method": "gptq", "bits": 8, "group_size": 128}, "gptq", 8.1875),
        (BLOCK_FP8, "fp8", 8 + 32 / 16384),
        ({"quant_method": "compressed-tensors", "config_groups": {"group_0": INT4}}, "int4", 4.125),
        ({"quant_method": "compressed-tensors", "config_groups": {"group_0": NVFP4}}, "nvfp4", 4.5),
        ({"quant_method": "mxfp4"}, "mxfp4", 4.25),
        ({"quant_method": "modelopt", "quant_algo": "NVFP4"}, "nvfp4", 4.5),
        ({"quant_algo": "FP8", "kv_cache_scheme": "FP8"}, "fp8", 8 + 16 / 4096),
        ({"quant_method": "bitsandbytes", "load_in_4bit": True}, "bitsandbytes", 4.5),
        ({"quant_method": "bitsandbytes", "load_in_8bit": True}, "int8", 8 + 16 / 4096),
    ],
)
def test_each_way_of_writing_a_scheme_gives_its_bits(
    written: dict[str, Any], name: str, bits_per_weight: float
) -> None:
    scheme = read_quantization({"quantization_config": written}, "model")
    assert scheme is not None
    assert scheme.name == name
    weights = matrix("experts.up", 4096, 4096, role=Role.EXPERT)
    assert tensor_bytes(weights, 1, "bfloat16", scheme) * 8 == pytest.approx(
        weights.elements * bits_per_weight, rel=0.002
    )


def test_a_configuration_without_a_scheme_is_unquantized() -> None:
    assert read_quantization({}, "model") is None


def test_a_method_we_cannot_count_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedShape, match=r"acme/model: quantization_config\.quant_method quip is not one"):
        read_quantization({"quantization_config": {"quant_method": "quip"}}, "acme/model")


def test_an_unknown_name_is_refused_with_the_names_that_are_known() -> None:
    with pytest.raises(ValueError, match="quantization q5 is not one of awq, "):
        Quantization.named("q5")


def test_an_unknown_dtype_is_refused() -> None:
    with pytest.raises(ValueError, match="dtype q4 is not one of"):
        dtype_bytes("q4")


def test_norms_and_float32_corrections_stay_as_they_are() -> None:
    scheme = Quantization.named("awq")
    assert tensor_bytes(vector("norm", 100), 1, "bfloat16", scheme) == 200
    assert tensor_bytes(vector("correction", 100, dtype="float32"), 1, "bfloat16", scheme) == 400


@pytest.mark.parametrize(
    ("ignored", "kept"),
    [
        (["model.layers.*.self_attn", "lm_head"], ("attention",)),
        (["re:.*self_attn.*", "re:.*mlp.gate$"], ("attention",)),
        (["model.layers.*.mlp.shared_experts*"], ("shared_expert",)),
        ([f"model.layers.{layer}.self_attn.q_proj" for layer in range(4)], ("attention",)),
        (["model.layers.0.self_attn", "lm_head"], ()),
        (["gate", "e_score_correction_bias", "lm_head"], ()),
    ],
)
def test_parts_that_a_checkpoint_leaves_out_in_most_layers_keep_the_models_dtype(
    ignored: list[str], kept: tuple[str, ...]
) -> None:
    written = {"quant_method": "fp8", "ignore": ignored}
    scheme = read_quantization({"quantization_config": written, "num_hidden_layers": 4}, "model")
    assert scheme is not None
    assert scheme.kept == kept


def test_a_32b_awq_model_is_as_large_as_vllm_printed() -> None:
    config = {
        "architectures": ["Qwen2ForCausalLM"], "hidden_size": 5120, "intermediate_size": 27648, "num_hidden_layers": 64,
        "num_attention_heads": 40, "num_key_value_heads": 8, "vocab_size": 152064, "max_position_embeddings": 32768,
        "tie_word_embeddings": False, "quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 128},
    }  # fmt: skip
    shape = read_shape(config)
    (size,) = weight_bytes_per_rank(shape, tensor_parallel=1, pipeline_parallel=1, dtype="float16")
    assert size / 2**30 == pytest.approx(18.14, rel=0.01)  # row m012 of tests/data/vllm_memory.json
    (whole,) = weight_bytes_per_rank(
        shape, tensor_parallel=1, pipeline_parallel=1, dtype="float16", quantization="none"
    )
    assert whole > 3 * size
