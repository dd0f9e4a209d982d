"""The decoder families vLLM serves, by the name in `architectures`: what each does differently from Llama.

Facts read from vLLM 0.32's model code (2026-11-22) and checked by counting tiny models of each in it.
"""

from dataclasses import replace

from nim_profiles.shape.family import Experts, Family

LLAMA = Family(qkv_bias="attention_bias", out_bias="attention_bias", mlp_bias="mlp_bias")
QWEN2 = Family(qkv_bias=True)
QWEN3 = Family(qkv_bias="attention_bias", qk_norm="head")
GEMMA = Family(tied=True, qkv_bias="attention_bias", out_bias="attention_bias")
GEMMA2 = replace(GEMMA, norms=4, window_every=("sliding_window_pattern", 2))
GEMMA3 = replace(GEMMA, norms=4, qk_norm="head", window_every=("sliding_window_pattern", 6))
QWEN_EXPERTS = Experts(layers="sparse_step", count=("num_experts",), width=("moe_intermediate_size",))
DEEPSEEK_EXPERTS = Experts(layers="every", shared_count=("n_shared_experts",), width=("moe_intermediate_size",))
DEEPSEEK2 = Family(attention="latent", experts=DEEPSEEK_EXPERTS)
DEEPSEEK3 = replace(DEEPSEEK2, experts=replace(DEEPSEEK_EXPERTS, correction=True))
DEEPSEEK32 = replace(DEEPSEEK3, attention="indexed")
COHERE = Family(
    tied=True, norms=1, qk_norm="dealt", qk_norm_if="use_qk_norm", qkv_bias="attention_bias", out_bias="attention_bias"
)
GPT = Family(
    qkv_bias=True, out_bias=True, gated=False, mlp_bias=True, norm_bias=True, tied=True, mlp_default=4,
    positions=("n_positions", "max_position_embeddings"),
)  # fmt: skip
OLMO2 = Family(qk_norm="whole")
HYBRID = Family(mixer="mamba2", layer_kinds="listed")
NEMOTRON_H = Family(
    mixer="mamba2", layer_kinds="pattern", norms=1, gated=False, qkv_bias="attention_bias", out_bias="attention_bias", mlp_bias="mlp_bias",
    experts=Experts(
        gated=False, count=("n_routed_experts",), width=("moe_intermediate_size",), correction=True, router_float32=True,
        shared_width=("moe_shared_expert_intermediate_size",),
    ),
)  # fmt: skip
QWEN3_NEXT = Family(
    mixer="gated_delta_net", layer_kinds="listed", qk_norm="head", attention_gate="output", qkv_bias="attention_bias",
    experts=replace(QWEN_EXPERTS, shared_width=("shared_expert_intermediate_size",), shared_gate=True),
)  # fmt: skip

FAMILIES: dict[str, Family] = {
    "LlamaForCausalLM": LLAMA,
    "LLaMAForCausalLM": LLAMA,
    "MistralForCausalLM": LLAMA,
    "Ministral3ForCausalLM": LLAMA,
    "GraniteForCausalLM": LLAMA,
    "MiMoForCausalLM": QWEN2,
    "Qwen2ForCausalLM": QWEN2,
    "Qwen3ForCausalLM": QWEN3,
    "Qwen2MoeForCausalLM": replace(
        QWEN2, qkv_bias="qkv_bias",
        experts=replace(QWEN_EXPERTS, shared_width=("shared_expert_intermediate_size",), shared_gate=True),
    ),
    "Qwen3MoeForCausalLM": replace(QWEN3, experts=QWEN_EXPERTS),
    "Qwen3NextForCausalLM": QWEN3_NEXT,
    "Qwen3_5ForCausalLM": replace(QWEN3_NEXT, experts=None),
    "Qwen3_5MoeForCausalLM": QWEN3_NEXT,
    "MixtralForCausalLM": Family(experts=Experts(width=("intermediate_size",))),
    "GemmaForCausalLM": GEMMA,
    "Gemma2ForCausalLM": GEMMA2,
    "Gemma3ForCausalLM": GEMMA3,
    "CohereForCausalLM": COHERE,
    "Cohere2ForCausalLM": replace(COHERE, window_every=("sliding_window_pattern", 4)),
    "DeepseekV2ForCausalLM": DEEPSEEK2,
    "DeepseekV3ForCausalLM": DEEPSEEK3,
    "DeepseekV32ForCausalLM": DEEPSEEK32,
    "GlmMoeDsaForCausalLM": DEEPSEEK32,
    "DeepseekForCausalLM": Family(experts=DEEPSEEK_EXPERTS),
    "GptOssForCausalLM": Family(
        qkv_bias=True, out_bias=True, sinks=True, window_every=("sliding_window_pattern", 2),
        experts=Experts(width=("intermediate_size",), router_bias=True, biases=True),
    ),
    "OlmoForCausalLM": Family(norm_scale=False),
    "Olmo2ForCausalLM": OLMO2,
    "Olmo3ForCausalLM": OLMO2,
    "OlmoeForCausalLM": Family(qk_norm="whole", experts=Experts(count=("num_experts",), width=("intermediate_size",))),
    "GPT2LMHeadModel": GPT,
    "GPTBigCodeForCausalLM": GPT,
    "GPTNeoXForCausalLM": Family(qkv_bias="attention_bias", out_bias="attention_bias", gated=False, mlp_bias=True, norm_bias=True),
    "PhiForCausalLM": Family(qkv_bias=True, out_bias=True, gated=False, mlp_bias=True, norm_bias=True, norms=1),
    "Phi3ForCausalLM": Family(),
    "Starcoder2ForCausalLM": Family(
        qkv_bias="use_bias", out_bias="use_bias", gated=False, mlp_bias="use_bias", norm_bias=True, tied=True
    ),
    "NemotronForCausalLM": Family(
        gated=False, norm_bias=True, qkv_bias="attention_bias", out_bias="attention_bias", mlp_bias="mlp_bias"
    ),
    "Ernie4_5ForCausalLM": Family(tied=True, qkv_bias="use_bias", out_bias="use_bias", mlp_bias="use_bias"),
    "Ernie4_5_MoeForCausalLM": Family(
        tied=True, qkv_bias="use_bias", out_bias="use_bias", mlp_bias="use_bias",
        experts=Experts(
            layers="start_end", count=("moe_num_experts",), width=("moe_intermediate_size",), correction="moe_use_aux_free",
            router_float32=True, shared_count=("moe_num_shared_experts",),
        ),
    ),
    "MiniMaxM2ForCausalLM": Family(
        qk_norm="dealt",
        experts=Experts(width=("intermediate_size",), router_float32=True, correction="use_routing_bias"),
    ),
    "HunYuanDenseV1ForCausalLM": Family(
        tied=True, qk_norm="head", qk_norm_if="use_qk_norm", qkv_bias="attention_bias", out_bias="attention_bias"
    ),
    "JambaForCausalLM": Family(
        mixer="mamba1", layer_kinds="period_offset",
        experts=Experts(layers="period_offset", count=("num_experts",), width=("intermediate_size",)),
    ),
    "FalconH1ForCausalLM": replace(HYBRID, layer_kinds="both", mlp_bias="mlp_bias", qkv_bias="attention_bias"),
    "MambaForCausalLM": Family(mixer="mamba1", layer_kinds="state", tied=True, norms=1),
    "FalconMambaForCausalLM": Family(mixer="mamba1", layer_kinds="state", tied=True, norms=1),
    "Mamba2ForCausalLM": Family(mixer="mamba2", layer_kinds="state", norms=1),
    "Lfm2ForCausalLM": Family(mixer="short_convolution", layer_kinds="listed", qk_norm="head", tied=True),
    "NemotronHForCausalLM": NEMOTRON_H,
}  # fmt: skip
