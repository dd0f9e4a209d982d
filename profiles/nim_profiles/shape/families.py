"""The decoder families vLLM serves, by the name in `architectures`: what each does differently from Llama.

Facts read from vLLM 0.32's model code (2026-11-22) and checked by counting tiny models of each in it, except those
marked unchecked: its CPU build cannot start them.
"""

from dataclasses import replace

from nim_profiles.shape.families_experts import EXPERT_FAMILIES
from nim_profiles.shape.families_hybrid import HYBRID_FAMILIES
from nim_profiles.shape.family import BOTH_ENDS, Family

LLAMA = Family(qkv_bias="attention_bias", out_bias="attention_bias", mlp_bias="mlp_bias")
PLAIN = Family()
QWEN2 = Family(qkv_bias=True)
QWEN3 = Family(qkv_bias="attention_bias", qk_norm="head")
GEMMA = Family(tied=True, every_stage=BOTH_ENDS, qkv_bias="attention_bias", out_bias="attention_bias")
GEMMA3 = replace(GEMMA, norms=4, qk_norm="head", window_every=("sliding_window_pattern", 6))
COHERE = replace(GEMMA, norms=1, qk_norm="dealt", qk_norm_if="use_qk_norm")
GPT = Family(
    qkv_bias=True, out_bias=True, gated=False, mlp_bias=True, norm_bias=True, tied=True, mlp_default=4,
    positions=("n_positions", "max_position_embeddings"), every_stage=(*BOTH_ENDS, "positions"),
)  # fmt: skip
BLOOM = replace(GPT, positions=(), embedding_norms=1)
OLMO2 = Family(qk_norm="whole", qkv_bias="attention_bias", out_bias="attention_bias")
FALCON = Family(
    every_stage=BOTH_ENDS,
    multi_query="+multi_query", single_norm="+parallel_attn", qkv_bias="bias", out_bias="bias", gated=False,
    mlp_bias="bias",
    norm_bias=True, tied=True, mlp_default=4, mlp_width=("ffn_hidden_size",),
)  # fmt: skip
CHATGLM = Family(
    every_stage=BOTH_ENDS,
    multi_query="multi_query_attention",
    qkv_bias="add_qkv_bias",
    out_bias="add_bias_linear",
    mlp_bias="add_bias_linear",
)
ERNIE = Family(tied=True, qkv_bias="use_bias", out_bias="use_bias", mlp_bias="use_bias")

DENSE_FAMILIES: dict[str, Family] = {
    **dict.fromkeys(
        (
            "LlamaForCausalLM", "LLaMAForCausalLM", "MistralForCausalLM", "Ministral3ForCausalLM", "GraniteForCausalLM",
            "IQuestCoderForCausalLM", "TeleChat3ForCausalLM", "CwmForCausalLM", "MinistralForCausalLM",
            "SolarForCausalLM", "HeliumForCausalLM",
        ),
        LLAMA,
    ),
    "ArceeForCausalLM": replace(LLAMA, gated=False),
    "ApertusForCausalLM": replace(LLAMA, gated=False, activation_parameters=2, qk_norm="head", qk_norm_if="+qk_norm"),
    "GraniteSWAForCausalLM": replace(LLAMA, sinks=True, tied=True),
    "HyperCLOVAXForCausalLM": replace(LLAMA, norms=4),
    "SmolLM3ForCausalLM": replace(LLAMA, tied=True),
    "SeedOssForCausalLM": Family(qkv_bias="+attention_bias", out_bias="attention_out_bias", mlp_bias="mlp_bias"),
    "InternLM3ForCausalLM": Family(qkv_bias="qkv_bias", out_bias="bias", mlp_bias="bias"),
    "InternLM2ForCausalLM": Family(every_stage=BOTH_ENDS),
    "InternLMForCausalLM": Family(qkv_bias="+bias", out_bias="+bias"),
    "ExaoneForCausalLM": PLAIN,
    "OrionForCausalLM": Family(norm_bias=True, every_stage=BOTH_ENDS),
    "Phi3ForCausalLM": PLAIN,
    "BaichuanForCausalLM": PLAIN,
    "QWenLMHeadModel": Family(qkv_bias=True),
    "GlmForCausalLM": Family(qkv_bias="+attention_bias"),
    "Glm4ForCausalLM": Family(qkv_bias="attention_bias", norms=4),
    "ChatGLMModel": CHATGLM,
    "ChatGLMForConditionalGeneration": CHATGLM,
    "MiMoForCausalLM": QWEN2,
    "Qwen2ForCausalLM": QWEN2,
    "Qwen3ForCausalLM": QWEN3,
    "MiniCPMForCausalLM": Family(tied=True, every_stage=BOTH_ENDS),
    "MiniCPM3ForCausalLM": Family(attention="expanded", tied=True, every_stage=BOTH_ENDS),
    "GemmaForCausalLM": GEMMA,
    "Gemma2ForCausalLM": replace(GEMMA, norms=4, window_every=("sliding_window_pattern", 2)),
    "VaultGemmaForCausalLM": replace(GEMMA, every_stage=(), window_every=("sliding_window_pattern", 2)),
    "Gemma3ForCausalLM": GEMMA3,
    "Gemma3nForCausalLM": replace(GEMMA3, variation="gemma3n", window_every=("sliding_window_pattern", 5)),
    "Gemma4ForCausalLM": replace(GEMMA3, variation="gemma4"),
    "CohereForCausalLM": COHERE,
    "Cohere2ForCausalLM": replace(COHERE, qk_norm="", window_every=("sliding_window_pattern", 4)),
    "OlmoForCausalLM": Family(norm_scale=False, qkv_bias="attention_bias", out_bias="attention_bias"),
    "Olmo2ForCausalLM": OLMO2,
    "Olmo3ForCausalLM": replace(OLMO2, window_every=("sliding_window_pattern", 4)),
    "Exaone4ForCausalLM": Family(qk_norm="head", window_every=("sliding_window_pattern", 4)),
    "HunYuanDenseV1ForCausalLM": replace(GEMMA, every_stage=(), qk_norm="head", qk_norm_if="use_qk_norm"),
    "Ernie4_5ForCausalLM": ERNIE,
    "StableLmForCausalLM": Family(every_stage=BOTH_ENDS, norm_bias=True, qkv_bias="use_qkv_bias"),
    "NemotronForCausalLM": Family(
        gated=False, norm_bias=True, qkv_bias="attention_bias", out_bias="attention_bias", mlp_bias="mlp_bias"
    ),
    "DeciLMForCausalLM": replace(LLAMA, variation="nemotron_nas"),
    "GPT2LMHeadModel": GPT,
    "GPTBigCodeForCausalLM": replace(GPT, multi_query="+multi_query", every_stage=("positions",), whole=("mlp",)),
    "GPTJForCausalLM": Family(
        every_stage=BOTH_ENDS, gated=False, mlp_bias=True, norm_bias=True, norms=1, head_bias=True, mlp_default=4
    ),
    "GPTNeoXForCausalLM": Family(
        qkv_bias="+attention_bias", out_bias="+attention_bias", gated=False, mlp_bias=True, norm_bias=True
    ),
    "BloomForCausalLM": BLOOM,
    "OPTForCausalLM": Family(
        every_stage=(*BOTH_ENDS, "positions"),
        qkv_bias="+enable_bias", out_bias="+enable_bias", mlp_bias="+enable_bias", gated=False, norm_bias=True,
        tied=True,
        positions=("max_position_embeddings",), positions_extra=2, mlp_width=("ffn_dim",),
    ),
    "BioGptForCausalLM": Family(
        every_stage=("positions",), whole=("attention.q", "attention.out", "mlp"),
        qkv_bias=True, out_bias=True, gated=False, mlp_bias=True, norm_bias=True, tied=True,
        positions=("max_position_embeddings",), positions_extra=2,
    ),
    "Jais2ForCausalLM": Family(
        qkv_bias="+attention_bias", out_bias="+attention_bias", gated=False, mlp_bias="+mlp_bias", norm_bias=True
    ),
    "PersimmonForCausalLM": Family(
        whole=("attention", "mlp"),
        qkv_bias=True, out_bias=True, gated=False, mlp_bias=True, norm_bias=True, qk_norm="head", qk_norm_bias=True,
        qk_norm_if="+qk_layernorm",
    ),
    "PhiForCausalLM": Family(qkv_bias=True, out_bias=True, gated=False, mlp_bias=True, norm_bias=True, norms=1),
    "Starcoder2ForCausalLM": Family(
        qkv_bias="+use_bias", out_bias="+use_bias", gated=False, mlp_bias="+use_bias", norm_bias=True, tied=True
    ),
    "NanoChatForCausalLM": Family(gated=False, norm_scale=False),
    "FalconForCausalLM": FALCON,
}  # fmt: skip

FAMILIES: dict[str, Family] = DENSE_FAMILIES | EXPERT_FAMILIES | HYBRID_FAMILIES
