"""Towers that read pictures, with what joins them to the language model."""

from collections.abc import Callable, Mapping
from typing import Any

from nim_profiles.shape.feed_forward import mlp
from nim_profiles.shape.fields import Fields, UnsupportedShape
from nim_profiles.shape.tensor import Tensor, matrix, vector


def vision_tensors(config: Mapping[str, Any], hidden: int, model: str) -> list[Tensor]:
    """Weights of the tower and projector of a whole (not only text) configuration.

    Raises UnsupportedShape for towers we cannot count and configurations that leave out a size.
    """
    tower = config.get("vision_config")
    if not isinstance(tower, Mapping):
        raise UnsupportedShape(model, "vision_config is missing")
    kind = str(tower.get("model_type") or "")
    for prefix, count in TOWERS.items():
        if kind.startswith(prefix):
            tensors = count(Fields(tower, model), config, hidden)
            return [Tensor(f"vision.{t.name}", t.elements, t.pieces, inputs=t.inputs) for t in tensors]
    raise UnsupportedShape(model, f"vision_config.model_type {kind or '(none given)'} is not one we can count")


def _block(width: int, heads: int, inner: int, *, gated: bool, bias: bool, norm_bias: bool) -> list[Tensor]:
    tensors = [
        matrix("qkv", width, 3 * width, heads),
        matrix("out", width, width, heads),
        vector("norms", 2 * width * (2 if norm_bias else 1)),
        *mlp(width, inner, gated=gated, bias=bias),
    ]
    return [*tensors, vector("qkv_bias", 3 * width, heads), vector("out_bias", width)] if bias else tensors


def _patches(fields: Fields, width: int, *, frames: int = 1) -> Tensor:
    channels = fields.number("num_channels", "in_channels", "in_chans", default=3)
    return Tensor("patches", width * channels * frames * fields.size("patch_size") ** 2)


def _projector(width: int, hidden: int, *, bias: bool) -> list[Tensor]:
    tensors = [matrix("projector.in", width, hidden, hidden), matrix("projector.out", hidden, hidden, hidden)]
    return (
        [*tensors, vector("projector.in_bias", hidden, hidden), vector("projector.out_bias", hidden)]
        if bias
        else tensors
    )


def _clip(fields: Fields, config: Mapping[str, Any], hidden: int) -> list[Tensor]:
    width, heads = fields.size("hidden_size"), fields.size("num_attention_heads")
    positions = (fields.size("image_size") // fields.size("patch_size")) ** 2 + 1
    layers, wanted = fields.size("num_hidden_layers"), config.get("vision_feature_layer", -2)
    used = layers + 1 + wanted if isinstance(wanted, int) and wanted < 0 else layers
    block = _block(width, heads, fields.size("intermediate_size"), gated=False, bias=True, norm_bias=True)
    ends = [Tensor("positions", positions * width), vector("class", width), vector("first_norm", 2 * width)]
    if used == layers:
        ends.append(vector("last_norm", 2 * width))
    bias = bool(config.get("multimodal_projector_bias", True))
    return [_patches(fields, width), *ends, *block * used, *_projector(width, hidden, bias=bias)]


def _siglip(fields: Fields, _config: Mapping[str, Any], hidden: int) -> list[Tensor]:
    width, heads = fields.size("hidden_size"), fields.size("num_attention_heads")
    positions = (fields.size("image_size") // fields.size("patch_size")) ** 2
    block = _block(width, heads, fields.size("intermediate_size"), gated=False, bias=True, norm_bias=True)
    ends = [
        Tensor("positions", positions * width),
        vector("patch_bias", width),
        vector("last_norm", 2 * width),
        matrix("projector", width, hidden),
        vector("projector_norm", width),
    ]
    return [_patches(fields, width), *ends, *block * fields.size("num_hidden_layers")]


def _pixtral(fields: Fields, config: Mapping[str, Any], hidden: int) -> list[Tensor]:
    width, heads = fields.size("hidden_size"), fields.size("num_attention_heads")
    block = _block(width, heads, fields.size("intermediate_size"), gated=True, bias=False, norm_bias=False)
    merge = int(config.get("spatial_merge_size") or 2)
    ends = [
        vector("first_norm", width),
        vector("projector_norm", width),
        matrix("merger", merge * merge * width, width),
    ]
    bias = bool(config.get("multimodal_projector_bias", False))
    projector = _projector(width, hidden, bias=bias)
    return [_patches(fields, width), *ends, *block * fields.size("num_hidden_layers"), *projector]


def _merger(merged: int, out: int, *, norm: int) -> list[Tensor]:
    return [
        vector("merger.norm", norm),
        matrix("merger.in", merged, merged, merged),
        vector("merger.in_bias", merged, merged),
        matrix("merger.out", merged, out, merged),
        vector("merger.out_bias", out),
    ]


def _qwen(fields: Fields, _config: Mapping[str, Any], hidden: int) -> list[Tensor]:
    kind = str(fields.option("model_type"))
    old = kind.startswith("qwen2_vl")
    middle = kind.startswith("qwen2_5")
    width = fields.size("embed_dim" if old else "hidden_size")
    heads, merge = fields.size("num_heads"), fields.number("spatial_merge_size", default=2)
    inner = int(width * float(fields.option("mlp_ratio", default=4))) if old else fields.size("intermediate_size")
    out = fields.size("hidden_size") if old else fields.number("out_hidden_size", default=hidden)
    block = _block(width, heads, inner, gated=middle, bias=True, norm_bias=not middle)
    tensors = [_patches(fields, width, frames=fields.number("temporal_patch_size", default=2))]
    tensors += block * fields.size("depth", "num_hidden_layers")
    merged = width * merge * merge
    tensors += _merger(merged, out, norm=width if middle else 2 * width)
    if not old and not middle:
        positions = fields.number("num_position_embeddings", default=2304)
        tensors += [vector("patch_bias", width), Tensor("positions", positions * width)]
        tensors += _merger(merged, out, norm=2 * merged) * len(fields.list("deepstack_visual_indexes"))
    return tensors


TOWERS: dict[str, Callable[[Fields, Mapping[str, Any], int], list[Tensor]]] = {
    "clip_vision_model": _clip,
    "siglip_vision_model": _siglip,
    "pixtral": _pixtral,
    "qwen2_vl": _qwen,
    "qwen2_5_vl": _qwen,
    "qwen3_vl": _qwen,
    "qwen3_5": _qwen,
}
