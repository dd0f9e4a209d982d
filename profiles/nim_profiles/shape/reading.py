"""From `config.json` to ModelShape."""

from collections.abc import Mapping
from typing import Any

from nim_profiles.quantization import read_quantization
from nim_profiles.shape.attention import grouped_attention, head_size, is_on, latent_attention
from nim_profiles.shape.families import FAMILIES
from nim_profiles.shape.family import Family
from nim_profiles.shape.feed_forward import EXPERT_LAYERS, dense, dense_width, experts, shared_width
from nim_profiles.shape.fields import Fields
from nim_profiles.shape.layer import Layer
from nim_profiles.shape.layer_kinds import ATTENTION, BOTH, DENSE, EXPERTS, STATE, layer_kinds, layer_windows
from nim_profiles.shape.mixers import MIXERS
from nim_profiles.shape.model_shape import ModelShape
from nim_profiles.shape.tensor import Tensor, vector, vocabulary

HIDDEN = ("hidden_size", "n_embd", "d_model")
LAYERS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers")
POSITIONS = (
    "max_position_embeddings",
    "n_positions",
    "max_seq_len",
    "seq_length",
    "model_max_length",
    "max_sequence_length",
)


def read_shape(config: Mapping[str, Any], name: str) -> ModelShape:
    architecture = str((config.get("architectures") or [""])[0])
    model = name or architecture or "config.json"
    fields = Fields(config, {}, model)
    family = FAMILIES.get(architecture)
    if family is None:
        raise fields.refuse(f"architecture {architecture or '(none given)'} is not one we can count")
    hidden, count = fields.size(*HIDDEN), fields.size(*LAYERS)
    rows = fields.size("vocab_size")
    kinds = layer_kinds(fields, family, count)
    windows = layer_windows(fields, family, count)
    layers = tuple(_layer(fields, family, hidden, index, kinds[index], windows[index]) for index in range(count))
    embedding = vocabulary("embedding", rows, hidden)
    tied = fields.flag("tie_word_embeddings", default=family.tied)
    last = list(_norm(fields, family, hidden, "final_norm", 1))
    if not tied:
        last.append(vocabulary("head", rows, hidden))
    if family.head_bias:
        last.append(vocabulary("head_bias", rows, 1))
    first = [embedding]
    positions = fields.number(*POSITIONS, default=0)
    if family.positions:
        first.append(Tensor("positions", (positions + family.positions_extra) * hidden))
    has_attention = any(kind in (ATTENTION, BOTH) for kind in kinds)
    return ModelShape(
        name=model,
        architecture=architecture,
        hidden_size=hidden,
        vocab_size=rows,
        max_position_embeddings=positions,
        feed_forward_width=_token_width(fields, family, hidden, count),
        rotary_size=_rotary_size(fields, family, hidden) if has_attention else 0,
        layers=layers,
        first=tuple(first),
        last=tuple(last),
        tied=(embedding,) if tied else (),
        quantization=read_quantization(config, model),
        dtype=fields.option("torch_dtype", "dtype"),
    )


def _layer(fields: Fields, family: Family, hidden: int, index: int, kind: str, window: int | None) -> Layer:
    tensors: list[Tensor] = list(_norm(fields, family, hidden, "norm", family.norms))
    mixers: list[Layer] = []
    if kind in (ATTENTION, BOTH):
        if family.attention == "grouped":
            mixers.append(grouped_attention(fields, family, hidden, window_tokens=window))
        else:
            mixers.append(latent_attention(fields, hidden, indexer=family.attention == "indexed"))
    if kind in (STATE, BOTH):
        mixers.append(MIXERS[family.mixer](fields, hidden))
    tensors += [tensor for mixer in mixers for tensor in mixer.tensors]
    alone = family.norms == 1 and bool(family.mixer)
    routed = family.experts is not None and EXPERT_LAYERS[family.experts.layers](fields, index)
    if family.experts is not None and (kind == EXPERTS or (routed and not alone)):
        tensors += experts(fields, family.experts, hidden)
    elif kind == DENSE or not alone:
        tensors += dense(fields, family, hidden)
    return Layer(tuple(tensors), tuple(cache for mixer in mixers for cache in mixer.caches))


def _norm(fields: Fields, family: Family, hidden: int, name: str, count: int) -> list[Tensor]:
    if not family.norm_scale or not count:
        return []
    return [vector(name, count * hidden * (2 if is_on(family.norm_bias, fields) else 1))]


def _token_width(fields: Fields, family: Family, hidden: int, count: int) -> int:
    traits = family.experts
    if traits is not None and any(EXPERT_LAYERS[traits.layers](fields, index) for index in range(count)):
        width = fields.size(*traits.width)
        return fields.number(*traits.used, default=1) * width + shared_width(fields, traits, width)
    if family.mixer and family.norms == 1:
        return 2 * hidden
    return dense_width(fields, family, hidden)


def _rotary_size(fields: Fields, family: Family, hidden: int) -> int:
    if family.positions:
        return 0
    if family.attention != "grouped":
        return fields.size("qk_rope_head_dim")
    rope = fields.option("rope_parameters", "rope_scaling", default={})
    share = fields.option("partial_rotary_factor", "rotary_pct", default=rope.get("partial_rotary_factor", 1.0))
    return fields.number("rotary_dim", default=int(head_size(fields, hidden) * float(share)))
