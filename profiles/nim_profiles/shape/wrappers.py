"""Models that wrap a decoder: which one it is, and where its configuration stands."""

from collections.abc import Mapping
from typing import Any

from nim_profiles.shape.fields import UnsupportedShape

NESTED = ("text_config", "llm_config", "language_config", "thinker_config")

TEXT_ARCHITECTURES: dict[str, str] = {
    "afmoe": "AfmoeForCausalLM", "apertus": "ApertusForCausalLM", "arcee": "ArceeForCausalLM",
    "axk1": "AXK1ForCausalLM", "bamba": "BambaForCausalLM", "biogpt": "BioGptForCausalLM",
    "bloom": "BloomForCausalLM", "cohere": "CohereForCausalLM", "cohere2": "Cohere2ForCausalLM",
    "cohere2_moe": "Cohere2MoeForCausalLM", "cwm": "CwmForCausalLM", "deepseek_v2": "DeepseekV2ForCausalLM",
    "deepseek_v3": "DeepseekV3ForCausalLM", "deepseek_v32": "DeepseekV32ForCausalLM", "dots1": "Dots1ForCausalLM",
    "ernie4_5": "Ernie4_5ForCausalLM", "ernie4_5_moe": "Ernie4_5_MoeForCausalLM", "exaone4": "Exaone4ForCausalLM",
    "exaone_moe": "ExaoneMoeForCausalLM", "falcon": "FalconForCausalLM", "falcon_h1": "FalconH1ForCausalLM",
    "falcon_mamba": "FalconMambaForCausalLM", "flex_olmo": "FlexOlmoForCausalLM", "gemma": "GemmaForCausalLM",
    "gemma2": "Gemma2ForCausalLM", "gemma3_text": "Gemma3ForCausalLM", "gemma3n_text": "Gemma3nForCausalLM",
    "gemma4_text": "Gemma4ForCausalLM", "glm": "GlmForCausalLM", "glm4": "Glm4ForCausalLM",
    "glm4_moe": "Glm4MoeForCausalLM", "glm4_moe_lite": "Glm4MoeLiteForCausalLM",
    "glm_moe_dsa": "GlmMoeDsaForCausalLM", "gpt-sw3": "GPT2LMHeadModel", "gpt2": "GPT2LMHeadModel",
    "gpt_bigcode": "GPTBigCodeForCausalLM", "gpt_neox": "GPTNeoXForCausalLM", "gpt_oss": "GptOssForCausalLM",
    "gptj": "GPTJForCausalLM", "granite": "GraniteForCausalLM", "granite_swa": "GraniteSWAForCausalLM",
    "granitemoe": "GraniteMoeForCausalLM", "granitemoe_swa": "GraniteMoeSWAForCausalLM",
    "granitemoehybrid": "GraniteMoeHybridForCausalLM", "granitemoeshared": "GraniteMoeSharedForCausalLM",
    "helium": "HeliumForCausalLM", "hunyuan_v1_dense": "HunYuanDenseV1ForCausalLM",
    "hunyuan_v1_moe": "HunYuanMoEV1ForCausalLM", "hy_v3": "HYV3ForCausalLM",
    "hyperclovax": "HyperCLOVAXForCausalLM", "internlm2": "InternLM2ForCausalLM", "jais2": "Jais2ForCausalLM",
    "jamba": "JambaForCausalLM", "kimi_k2": "DeepseekV3ForCausalLM", "laguna": "LagunaForCausalLM",
    "lfm2": "Lfm2ForCausalLM", "lfm2_moe": "Lfm2MoeForCausalLM", "llama": "LlamaForCausalLM",
    "llama4": "Llama4ForCausalLM", "llama4_text": "Llama4ForCausalLM", "mamba": "MambaForCausalLM",
    "mamba2": "Mamba2ForCausalLM", "mimo_v2_flash": "MiMoV2FlashForCausalLM", "minicpm3": "MiniCPM3ForCausalLM",
    "minimax_m2": "MiniMaxM2ForCausalLM", "ministral": "MinistralForCausalLM",
    "ministral3": "Ministral3ForCausalLM", "mistral": "MistralForCausalLM", "mixtral": "MixtralForCausalLM",
    "nanochat": "NanoChatForCausalLM", "nemotron": "NemotronForCausalLM", "nemotron-nas": "DeciLMForCausalLM",
    "nemotron_h": "NemotronHForCausalLM", "olmo": "OlmoForCausalLM", "olmo2": "Olmo2ForCausalLM",
    "olmo3": "Olmo3ForCausalLM", "olmoe": "OlmoeForCausalLM", "opt": "OPTForCausalLM",
    "persimmon": "PersimmonForCausalLM", "phi": "PhiForCausalLM", "phi3": "Phi3ForCausalLM",
    "qwen2": "Qwen2ForCausalLM", "qwen2_5_vl_text": "Qwen2ForCausalLM", "qwen2_moe": "Qwen2MoeForCausalLM",
    "qwen2_vl_text": "Qwen2ForCausalLM", "qwen3": "Qwen3ForCausalLM", "qwen3_5": "Qwen3_5ForCausalLM",
    "qwen3_5_moe": "Qwen3_5MoeForCausalLM", "qwen3_5_moe_text": "Qwen3_5MoeForCausalLM",
    "qwen3_5_text": "Qwen3_5ForCausalLM", "qwen3_moe": "Qwen3MoeForCausalLM", "qwen3_next": "Qwen3NextForCausalLM",
    "qwen3_vl_moe_text": "Qwen3MoeForCausalLM", "qwen3_vl_text": "Qwen3ForCausalLM",
    "seed_oss": "SeedOssForCausalLM", "smollm3": "SmolLM3ForCausalLM", "stablelm": "StableLmForCausalLM",
    "starcoder2": "Starcoder2ForCausalLM", "vaultgemma": "VaultGemmaForCausalLM", "zamba2": "Zamba2ForCausalLM",
}  # fmt: skip
"""Decoder of a `text_config` that gives only its `model_type` (from transformers 5.19, 2026-11-22)."""

WRAPPERS: dict[str, str] = {
    "Mistral3ForConditionalGeneration": "MistralForCausalLM",
    "PixtralForConditionalGeneration": "MistralForCausalLM",
    "Phi3VForCausalLM": "Phi3ForCausalLM",
    "Qwen2VLForConditionalGeneration": "Qwen2ForCausalLM",
    "Qwen2_5_VLForConditionalGeneration": "Qwen2ForCausalLM",
    "Qwen3VLForConditionalGeneration": "Qwen3ForCausalLM",
    "Qwen3VLMoeForConditionalGeneration": "Qwen3MoeForCausalLM",
    "Qwen3_5ForConditionalGeneration": "Qwen3_5ForCausalLM",
    "Qwen3_5MoeForConditionalGeneration": "Qwen3_5MoeForCausalLM",
    "Gemma3ForConditionalGeneration": "Gemma3ForCausalLM",
    "Gemma3nForConditionalGeneration": "Gemma3nForCausalLM",
    "Gemma4ForConditionalGeneration": "Gemma4ForCausalLM",
    "Gemma4UnifiedForConditionalGeneration": "Gemma4ForCausalLM",
    "Llama4ForConditionalGeneration": "Llama4ForCausalLM",
    "KimiVLForConditionalGeneration": "DeepseekV3ForCausalLM",
    "KimiK25ForConditionalGeneration": "DeepseekV3ForCausalLM",
    "Glm4vForConditionalGeneration": "Glm4ForCausalLM",
    "Glm4vMoeForConditionalGeneration": "Glm4MoeForCausalLM",
    "NemotronH_Nano_VL_V2": "NemotronHForCausalLM",
    "MistralLarge3ForCausalLM": "DeepseekV3ForCausalLM",
}
"""Models with towers whose decoder is always the same. Those of others are named by their `text_config`."""


def text_config(config: Mapping[str, Any], architecture: str, model: str) -> tuple[dict[str, Any], str]:
    """The decoder's own fields, over those of the whole; and the decoder's architecture."""
    nested = next((config[key] for key in NESTED if isinstance(config.get(key), Mapping)), None)
    text = {**config, **nested} if nested else dict(config)
    if nested and config.get("tie_word_embeddings"):
        text["tie_word_embeddings"] = True  # said on either level, it holds
    if architecture in WRAPPERS:
        return text, WRAPPERS[architecture]
    if nested is None:
        return text, architecture
    named = nested.get("architectures") or [TEXT_ARCHITECTURES.get(str(nested.get("model_type")), "")]
    if not named[0]:
        raise UnsupportedShape(
            model, f"the text_config of architecture {architecture} names no decoder that we can count"
        )
    return text, str(named[0])
