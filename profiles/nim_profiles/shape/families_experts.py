"""Families with mixtures of experts in ordinary attention layers."""

from dataclasses import replace

from nim_profiles.shape.family import BOTH_ENDS, Experts, Family

QWEN = Experts(layers="sparse_step", width=("moe_intermediate_size",))
QWEN_SHARED = replace(QWEN, shared_width=("shared_expert_intermediate_size",), shared_gate=True)
DEEPSEEK = Experts(
    layers="every",
    width=("moe_intermediate_size",),
    shared_count=("n_shared_experts",),
    correction="topk_method=noaux_tc",
)
DEEPSEEK2 = Family(attention="latent", experts=DEEPSEEK)
INDEXED = replace(DEEPSEEK2, attention="indexed")
BAILING = Experts(
    layers="after_dense", width=("moe_intermediate_size",), shared_count=("num_shared_experts",),
    correction="moe_router_enable_expert_bias", router_float32_if="router_dtype=fp32",
)  # fmt: skip
GRANITE = Experts(width=("intermediate_size",), shared_width=("shared_intermediate_size",))

EXPERT_FAMILIES: dict[str, Family] = {
    "Qwen2MoeForCausalLM": Family(every_stage=BOTH_ENDS, qkv_bias="+qkv_bias", experts=QWEN_SHARED),
    "Qwen3MoeForCausalLM": Family(every_stage=BOTH_ENDS, qkv_bias="attention_bias", qk_norm="head", experts=QWEN),
    "MixtralForCausalLM": Family(every_stage=BOTH_ENDS, experts=Experts(width=("intermediate_size",))),
    "DeepseekV2ForCausalLM": DEEPSEEK2,
    "DeepseekV3ForCausalLM": DEEPSEEK2,
    "AXK1ForCausalLM": replace(DEEPSEEK2, norms=3, experts=replace(DEEPSEEK, correction=True)),
    "Glm4MoeLiteForCausalLM": replace(DEEPSEEK2, experts=replace(DEEPSEEK, correction=True, router_float32=True)),
    "DeepseekV32ForCausalLM": INDEXED,  # unchecked
    "GlmMoeDsaForCausalLM": INDEXED,  # unchecked
    "DeepseekForCausalLM": Family(qkv_bias="attention_bias", experts=replace(DEEPSEEK, correction=False)),
    "Dots1ForCausalLM": Family(
        qkv_bias="attention_bias", out_bias="attention_bias", qk_norm="head",
        experts=replace(DEEPSEEK, correction=False),
    ),
    "Glm4MoeForCausalLM": Family(
        qkv_bias="attention_bias", qk_norm="head", qk_norm_if="use_qk_norm",
        experts=replace(DEEPSEEK, layers="after_dense", correction=True, router_float32=True),
    ),
    "GptOssForCausalLM": Family(
        every_stage=BOTH_ENDS,
        qkv_bias=True, out_bias=True, sinks=True, window_every=("sliding_window_pattern", 2),
        experts=Experts(width=("intermediate_size",), router_bias=True, biases=True),
    ),
    "OlmoeForCausalLM": Family(every_stage=BOTH_ENDS, qk_norm="whole", experts=Experts(width=("intermediate_size",))),
    "FlexOlmoForCausalLM": Family(qk_norm="whole", experts=Experts(width=("intermediate_size",))),
    "Ernie4_5_MoeForCausalLM": Family(
        tied=True, qkv_bias="use_bias", out_bias="use_bias", mlp_bias="use_bias",
        experts=Experts(
            layers="start_end", width=("moe_intermediate_size",), correction=True,
            router_float32=True, shared_count=("moe_num_shared_experts",),
        ),
    ),
    "MiniMaxM2ForCausalLM": Family(
        qk_norm="dealt",
        experts=Experts(width=("intermediate_size",), router_float32=True, correction="use_routing_bias"),
    ),
    "MiMoV2FlashForCausalLM": Family(
        qkv_bias="attention_bias", variation="mimo_v2", experts=replace(DEEPSEEK, shared_count=(), router_float32=True),
    ),
    "GraniteMoeForCausalLM": Family(
        every_stage=BOTH_ENDS, qkv_bias="attention_bias", experts=replace(GRANITE, shared_width=())
    ),
    "GraniteMoeSharedForCausalLM": Family(every_stage=BOTH_ENDS, qkv_bias="attention_bias", experts=GRANITE),
    "GraniteMoeSWAForCausalLM": Family(every_stage=BOTH_ENDS, qkv_bias="attention_bias", sinks=True, experts=GRANITE),
    "Cohere2MoeForCausalLM": Family(
        every_stage=BOTH_ENDS,
        tied=True, norms=1, window_every=("sliding_window_pattern", 4),
        experts=Experts(width=("intermediate_size",)),
    ),
    "ExaoneMoeForCausalLM": Family(
        qk_norm="head", window_every=("sliding_window_pattern", 4),
        experts=Experts(
            layers="listed", width=("moe_intermediate_size",), shared_count=("num_shared_experts",),
            correction=True,
        ),
    ),
    "AfmoeForCausalLM": Family(
        norms=4, qk_norm="head", attention_gate="output", window_every=("global_attn_every_n_layers", 4),
        experts=Experts(
            layers="after_dense", width=("moe_intermediate_size",), shared_count=("num_shared_experts",),
            correction=True, router_float32=True,
        ),
    ),
    "BailingMoeForCausalLM": Family(qkv_bias="use_qkv_bias", out_bias="use_bias", experts=BAILING),
    "BailingMoeV2ForCausalLM": Family(
        qkv_bias="use_qkv_bias", out_bias="use_bias", qk_norm="head", qk_norm_if="use_qk_norm",
        qk_norm_bias="use_rmsnorm=False", experts=BAILING
    ),
    "PhiMoEForCausalLM": Family(
        every_stage=BOTH_ENDS,
        qkv_bias="attention_bias", out_bias="attention_bias", norm_bias=True, head_bias=True,
        experts=Experts(width=("intermediate_size",)),
    ),
    "HunYuanMoEV1ForCausalLM": Family(
        tied=True, qk_norm="head", qk_norm_if="use_qk_norm", qkv_bias="attention_bias", out_bias="attention_bias",
        experts=Experts(width=("moe_intermediate_size", "intermediate_size"),
                        shared_count=("num_shared_expert",), shared_unit=("intermediate_size",)),
    ),
    "HYV3ForCausalLM": Family(
        every_stage=BOTH_ENDS,
        qk_norm="head", qk_norm_if="qk_norm",
        experts=Experts(
            layers="after_dense", width=("expert_hidden_dim", "moe_intermediate_size"),
            shared_count=("num_shared_experts",), correction="moe_router_enable_expert_bias", router_float32=True,
        ),
    ),
    "DbrxForCausalLM": Family(every_stage=BOTH_ENDS, experts=Experts(width=("ffn_hidden_size",))),
    "LagunaForCausalLM": Family(
        qk_norm="head", attention_gate="head",
        experts=Experts(
            layers="listed", width=("moe_intermediate_size",),
            shared_width=("shared_expert_intermediate_size",), correction=True,
        ),
    ),
    "Llama4ForCausalLM": Family(
        variation="llama4", qkv_bias="attention_bias", out_bias="attention_bias",
        mlp_width=("intermediate_size_mlp", "intermediate_size"),
        experts=Experts(
            layers="interleaved", width=("intermediate_size",), shared_width=("intermediate_size",)
        ),
    ),
    "Step3p5ForCausalLM": Family(
        qk_norm="head", qk_norm_if="+use_qk_norm", attention_gate="head", variation="step3p5",
        experts=Experts(
            layers="enumerated", width=("moe_intermediate_size",), router_float32=True,
            shared_width=("share_expert_dim",), correction="use_moe_router_bias",
        ),
    ),
}  # fmt: skip
