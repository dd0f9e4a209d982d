"""Families whose layers differ from one another in ways that need more than a flag."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nim_profiles.shape.fields import Fields
from nim_profiles.shape.layer import Layer
from nim_profiles.shape.tensor import Role, Tensor, matrix, vector, vocabulary


@dataclass(frozen=True)
class Variation:
    """What one layer does otherwise."""

    attention: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of `grouped_attention`."""
    has_attention: bool = True
    has_feed_forward: bool = True
    has_norms: bool = True
    width: int = 0
    """Of the feed-forward; 0: as everywhere."""
    extra: tuple[Tensor, ...] = ()


def _gemma_shared(fields: Fields, index: int) -> bool:
    shared = fields.number("num_kv_shared_layers", default=0)
    return bool(shared) and index >= fields.size("num_hidden_layers") - shared


def _per_layer_inputs(fields: Fields, hidden: int) -> tuple[Tensor, ...]:
    width = fields.number("hidden_size_per_layer_input", default=0)
    if not width:
        return ()
    return (
        matrix("per_layer.gate", hidden, width),
        matrix("per_layer.out", width, hidden),
        vector("per_layer.norm", hidden),
    )


def _gemma3n(fields: Fields, hidden: int, index: int) -> Variation:
    inputs, rank = fields.size("altup_num_inputs"), fields.size("laurel_rank")
    widths = fields.option("intermediate_size")
    extra = (
        vector("altup.scale", hidden, dtype="float32"),
        Tensor("altup.coefficients", inputs**2 + inputs**3),
        Tensor("altup.router", inputs * hidden + hidden),
        matrix("laurel.in", hidden, rank, rank),
        matrix("laurel.out", rank, hidden, rank),
        vector("laurel.norm", hidden),
        *_per_layer_inputs(fields, hidden),
    )
    width = widths[index] if isinstance(widths, list) else 0
    return Variation({"shares_cache": _gemma_shared(fields, index)}, width=width, extra=extra)


def _gemma4(fields: Fields, hidden: int, index: int) -> Variation:
    types = fields.list("layer_types")
    shared = _gemma_shared(fields, index)
    attention: dict[str, Any] = {"shares_cache": shared}
    if index < len(types) and types[index] == "full_attention":
        attention["key_size"] = fields.number("global_head_dim", default=512)
        if fields.flag("attention_k_eq_v"):
            attention["kv_heads"] = fields.number("num_global_key_value_heads", default=0)
    extra = list(_per_layer_inputs(fields, hidden))
    experts = fields.number("num_experts", default=0)
    if experts:
        width = fields.size("moe_intermediate_size")
        extra += [
            vector("router.scales", hidden + experts),
            Tensor("router", hidden * experts),
            vector("experts.norms", 3 * hidden),
            Tensor("experts.up", experts * hidden * 2 * width, width, Role.EXPERT, hidden),
            Tensor("experts.down", experts * hidden * width, width, Role.EXPERT, width),
        ]
    double = shared and fields.flag("use_double_wide_mlp")
    return Variation(attention, width=2 * fields.size("intermediate_size") if double else 0, extra=tuple(extra))


def _mimo_v2(fields: Fields, _hidden: int, index: int) -> Variation:
    pattern = fields.list("hybrid_layer_pattern")
    prefix = "swa_" if index < len(pattern) and pattern[index] == 1 else ""
    heads = fields.size(f"{prefix}num_attention_heads")
    sinks = fields.flag("add_swa_attention_sink_bias" if prefix else "add_full_attention_sink_bias")
    attention = {
        "heads": heads,
        "kv_heads": fields.size(f"{prefix}num_key_value_heads"),
        "key_size": fields.size(f"{prefix}head_dim"),
        "value_size": fields.number(f"{prefix}v_head_dim", "v_head_dim", default=0),
        "window_tokens": fields.size("sliding_window_size", "sliding_window") if prefix else None,
    }
    return Variation(attention, extra=(vector("attention.sinks", heads, heads),) if sinks else ())


def _llama4(fields: Fields, _hidden: int, index: int) -> Variation:
    rotary = fields.list("no_rope_layers")
    local = bool(rotary[index]) if index < len(rotary) else (index + 1) % 4 != 0
    chunk = fields.option("attention_chunk_size")
    width = fields.number("intermediate_size_mlp", default=0)
    return Variation({"chunk_tokens": int(chunk)} if local and chunk else {}, width=width)


def _nemotron_nas(fields: Fields, hidden: int, index: int) -> Variation:
    blocks = fields.option("block_configs")
    if not isinstance(blocks, list) or index >= len(blocks):
        raise fields.refuse("block_configs does not describe every layer; give the model's whole config.json")
    attention, forward = blocks[index]["attention"], blocks[index]["ffn"]
    if attention.get("replace_with_linear") or forward.get("replace_with_linear"):
        raise fields.refuse(f"block_configs[{index}] replaces a block by a linear map, which we cannot count")
    heads = fields.size("num_attention_heads")
    # One norm goes with each block that is there.
    missing = int(bool(attention.get("no_op"))) + int(bool(forward.get("no_op")))
    wide = int(2 * float(forward.get("ffn_mult") or 0) * hidden / 3)
    return Variation(
        {"kv_heads": heads // int(attention.get("n_heads_in_group") or heads)},
        has_attention=not attention.get("no_op"),
        has_feed_forward=not forward.get("no_op"),
        has_norms=False,
        width=-(-wide // 256) * 256,
        extra=(vector("norm", (2 - missing) * hidden),) if missing < 2 else (),
    )


def _step3p5(fields: Fields, _hidden: int, index: int) -> Variation:
    types, other = fields.list("layer_types"), fields.option("attention_other_setting", default={})
    if index >= len(types) or types[index] != other.get("attention_type"):
        return Variation()
    attention = {
        "heads": int(other["num_attention_heads"]),
        "kv_heads": int(other["num_attention_groups"]),
        "key_size": int(other["head_dim"]),
    }
    return Variation(attention)


VARIATIONS: dict[str, Callable[[Fields, int, int], Variation]] = {
    "gemma3n": _gemma3n,
    "gemma4": _gemma4,
    "mimo_v2": _mimo_v2,
    "llama4": _llama4,
    "nemotron_nas": _nemotron_nas,
    "step3p5": _step3p5,
}


def model_extras(fields: Fields, variation: str, hidden: int) -> tuple[Tensor, ...]:
    """What such a family has once per model, on every pipeline stage."""
    if variation not in ("gemma3n", "gemma4"):
        return ()
    layers, width = fields.size("num_hidden_layers"), fields.number("hidden_size_per_layer_input", default=0)
    tensors = []
    if width:
        rows = fields.number("vocab_size_per_layer_input", "vocab_size", default=0)
        tensors += [
            vocabulary("per_layer.embedding", rows, layers * width),
            matrix("per_layer.model", hidden, layers * width, layers * width),
            vector("per_layer.model_norm", width),
        ]
    if variation == "gemma3n":
        streams = fields.size("altup_num_inputs") - 1
        tensors.append(matrix("altup.projections", hidden, 2 * streams * hidden, hidden))
    return tuple(tensors)


def zamba2(
    fields: Fields, hidden: int, mixer: Callable[[Fields, int], Layer], attention: Callable[[], Layer]
) -> tuple[Layer, ...]:
    """Zamba 2: Mamba layers, some with an attention block before them whose weights several of them share."""
    kinds = fields.list("layers_block_type")
    blocks, rank = fields.number("num_mem_blocks", default=1), fields.number("adapter_rank", default=0)
    width = fields.size("intermediate_size")
    if fields.flag("use_shared_attention_adapter"):
        raise fields.refuse("use_shared_attention_adapter is set, which we cannot count")
    layers: list[Layer] = []
    used = 0
    for kind in kinds:
        state = mixer(fields, hidden)
        tensors, caches = [vector("norm", hidden), *state.tensors], list(state.caches)
        if kind == "hybrid":
            shared = attention()
            caches += shared.caches
            tensors.append(matrix("hybrid.linear", hidden, hidden))
            adapters = [matrix("mlp.adapter_in", hidden, rank, rank), matrix("mlp.adapter_out", rank, 2 * width, width)]
            if used < blocks:
                norms = vector("hybrid.norms", 3 * hidden)
                tensors += [
                    *shared.tensors,
                    norms,
                    matrix("mlp.up", hidden, 2 * width, width),
                    matrix("mlp.down", width, hidden, width),
                ]
            tensors += adapters
            used += 1
        layers.append(Layer(tuple(tensors), tuple(caches)))
    return tuple(layers)
