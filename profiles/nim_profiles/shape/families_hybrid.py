"""Families with states instead of attention in some or all layers."""

from dataclasses import replace

from nim_profiles.shape.families_experts import GRANITE, QWEN_SHARED
from nim_profiles.shape.family import BOTH_ENDS, Experts, Family

MAMBA2 = Family(mixer="mamba2", layer_kinds="listed")
NEMOTRON_H = Family(
    every_stage=BOTH_ENDS,
    mixer="mamba2", layer_kinds="pattern", norms=1, gated=False, qkv_bias="attention_bias", out_bias="attention_bias",
    mlp_bias="mlp_bias",
    experts=Experts(
        gated=False, layers="none", width=("moe_intermediate_size",), correction=True,
        router_float32=True, shared_count=("n_shared_experts",),
        shared_unit=("moe_shared_expert_intermediate_size",),
    ),
)  # fmt: skip
QWEN3_NEXT = Family(
    mixer="gated_delta_net", layer_kinds="listed", qk_norm="head", attention_gate="output", qkv_bias="attention_bias",
    every_stage=("embedding",),
    experts=QWEN_SHARED,
)  # fmt: skip
LFM2 = Family(mixer="short_convolution", layer_kinds="listed", qk_norm="head", tied=True, every_stage=("embedding",))

HYBRID_FAMILIES: dict[str, Family] = {
    "Qwen3NextForCausalLM": replace(QWEN3_NEXT, every_stage=("embedding", "head")),
    "Qwen3_5ForCausalLM": replace(QWEN3_NEXT, experts=None),
    "Qwen3_5MoeForCausalLM": QWEN3_NEXT,
    "JambaForCausalLM": Family(
        every_stage=BOTH_ENDS,
        mixer="mamba1", layer_kinds="period_offset",
        experts=Experts(layers="period_offset", width=("intermediate_size",)),
    ),
    "BambaForCausalLM": MAMBA2,  # unchecked
    "FalconH1ForCausalLM": replace(MAMBA2, layer_kinds="both", mlp_bias="mlp_bias", qkv_bias="attention_bias"),
    "GraniteMoeHybridForCausalLM": replace(
        MAMBA2, every_stage=BOTH_ENDS, qkv_bias="attention_bias", experts=replace(GRANITE, optional=True)
    ),
    "Zamba2ForCausalLM": replace(MAMBA2, tied=True, variation="zamba2", every_stage=BOTH_ENDS),
    "MambaForCausalLM": Family(mixer="mamba1", layer_kinds="state", tied=True, norms=1, every_stage=BOTH_ENDS),
    "FalconMambaForCausalLM": Family(mixer="mamba1", layer_kinds="state", tied=True, norms=1, every_stage=BOTH_ENDS),
    "Mamba2ForCausalLM": Family(mixer="mamba2", layer_kinds="state", norms=1, every_stage=BOTH_ENDS),
    "Lfm2ForCausalLM": LFM2,
    "Lfm2MoeForCausalLM": replace(
        LFM2,
        experts=Experts(
            layers="after_dense", width=("moe_intermediate_size",), correction="use_expert_bias"
        ),
    ),
    "NemotronHForCausalLM": NEMOTRON_H,
}  # fmt: skip
