"""From `config.json` to ModelShape."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nim_profiles.shape.attention import grouped_attention, head_size, is_on, latent_attention
from nim_profiles.shape.families import FAMILIES
from nim_profiles.shape.family import Family
from nim_profiles.shape.feed_forward import EXPERT_LAYERS, dense, dense_width, experts, listed_or_size, shared_width
from nim_profiles.shape.fields import Fields, UnsupportedShape
from nim_profiles.shape.layer import Layer
from nim_profiles.shape.layer_kinds import ATTENTION, BOTH, DENSE, EXPERTS, STATE, layer_kinds, layer_windows
from nim_profiles.shape.mixers import MIXERS
from nim_profiles.shape.model_shape import ModelShape
from nim_profiles.shape.quantization import read_quantization
from nim_profiles.shape.tensor import Tensor, matrix, vector, vocabulary
from nim_profiles.shape.variations import VARIATIONS, Variation, model_extras, zamba2
from nim_profiles.shape.vision import vision_tensors
from nim_profiles.shape.wrappers import NESTED, text_config

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


def read_shape(config: Mapping[str, Any], name: str = "") -> ModelShape:
    """Raises UnsupportedShape, naming the architecture or field, for what we cannot count."""
    architecture = str((config.get("architectures") or [""])[0])
    model = name or architecture or "config.json"
    text, decoder = text_config(config, architecture, model)
    fields = Fields(text, model, nested=any(config.get(key) for key in NESTED))
    family = FAMILIES.get(decoder)
    if family is None:
        raise fields.refuse(f"architecture {decoder or '(none given)'} is not one we can count")
    hidden, count = fields.size(*HIDDEN), fields.size(*LAYERS)
    rows = fields.size("padded_vocab_size" if fields.has("padded_vocab_size") else "vocab_size")
    kinds = layer_kinds(fields, family, count)
    layers = _layers(fields, family, hidden, kinds)
    tied = fields.flag("tie_word_embeddings", default=family.tied)
    parts = _ends(fields, family, hidden, rows, tied=tied)

    def held(*names: str, everywhere: bool) -> tuple[Tensor, ...]:
        return tuple(t for name in names if (name in family.every_stage) is everywhere for t in parts[name])

    positions = fields.number(*POSITIONS, default=0)
    towers, uncounted = _towers(config, hidden, model) if decoder != architecture else ((), ())
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
        first=held("embedding", "positions", everywhere=False),
        last=held("norm", "head", everywhere=False),
        tied=held("embedding", everywhere=False) if tied else (),
        everywhere=(*held(*parts, everywhere=True), *model_extras(fields, family.variation, hidden)),
        caches_prefixes=family.layer_kinds != "state",
        vision=towers,
        uncounted=uncounted,
        quantization=read_quantization(text, model),
        dtype=fields.option("torch_dtype", "dtype"),
    )


def _ends(fields: Fields, family: Family, hidden: int, rows: int, *, tied: bool) -> dict[str, list[Tensor]]:
    """What comes before and after the layers."""
    width = fields.number("word_embed_proj_dim", default=hidden)
    count = fields.number(*POSITIONS, default=0) + family.positions_extra
    return {
        "embedding": [
            vocabulary("embedding", rows, width),
            *([matrix("projections", width, 2 * hidden)] if width != hidden else []),
        ],
        "positions": [
            *_norm(fields, family, hidden, "embedding_norm", family.embedding_norms),
            *([Tensor("positions", count * hidden)] if family.positions else []),
        ],
        "norm": _norm(fields, family, hidden, "final_norm", 1),
        "head": [
            *([] if tied else [vocabulary("head", rows, width)]),
            *([vocabulary("head_bias", rows, 1)] if family.head_bias else []),
        ],
    }


def _towers(config: Mapping[str, Any], hidden: int, model: str) -> tuple[tuple[Tensor, ...], tuple[str, ...]]:
    """Tensors of the tower; or none, and why they are missing."""
    try:
        towers = tuple(vision_tensors(config, hidden, model))
    except UnsupportedShape as refusal:
        return (), (refusal.why,)
    return towers, ("audio_config: towers for sound are not counted",) if config.get("audio_config") else ()


def _layers(fields: Fields, family: Family, hidden: int, kinds: list[str]) -> tuple[Layer, ...]:
    if family.variation == "zamba2":
        inner = fields.number("attention_hidden_size", default=2 * hidden)
        return zamba2(
            fields, hidden, MIXERS[family.mixer], lambda: grouped_attention(fields, family, hidden, inputs=inner)
        )
    windows = layer_windows(fields, family, len(kinds))
    return tuple(_layer(fields, family, hidden, index, kind, windows[index]) for index, kind in enumerate(kinds))


def _layer(fields: Fields, family: Family, hidden: int, index: int, kind: str, window: int | None) -> Layer:
    varied = VARIATIONS[family.variation](fields, hidden, index) if family.variation else Variation()
    tensors = list(_norm(fields, family, hidden, "norm", _norm_count(fields, family))) if varied.has_norms else []
    mixers: list[Layer] = []
    if kind in (ATTENTION, BOTH) and varied.has_attention:
        if family.attention == "grouped":
            mixers.append(grouped_attention(fields, family, hidden, **{"window_tokens": window, **varied.attention}))
        else:
            indexed, expanded = family.attention == "indexed", family.attention == "expanded"
            mixers.append(latent_attention(fields, hidden, indexer=indexed, expanded=expanded))
    if kind in (STATE, BOTH):
        mixers.append(MIXERS[family.mixer](fields, hidden))
    tensors += [tensor for mixer in mixers for tensor in mixer.tensors]
    alone = family.norms == 1 and bool(family.mixer)
    routed = family.experts is not None and EXPERT_LAYERS[family.experts.layers](fields, index)
    if family.experts is not None and (kind == EXPERTS or (routed and not alone)):
        tensors += experts(fields, family.experts, hidden)
    elif (kind == DENSE or not alone) and varied.has_feed_forward:
        tensors += dense(fields, family, hidden, varied.width)
    dealt = [replace(t, pieces=1) if t.name.startswith(family.whole) else t for t in (*tensors, *varied.extra)]
    return Layer(tuple(dealt), tuple(cache for mixer in mixers for cache in mixer.caches))


def _norm_count(fields: Fields, family: Family) -> int:
    single = is_on(family.single_norm, fields) and not fields.flag("new_decoder_architecture")
    return family.norms - int(single)


def _norm(fields: Fields, family: Family, hidden: int, name: str, count: int) -> list[Tensor]:
    if not family.norm_scale or not count:
        return []
    return [vector(name, count * hidden * (2 if is_on(family.norm_bias, fields) else 1))]


def _token_width(fields: Fields, family: Family, hidden: int, count: int) -> int:
    traits = family.experts
    if traits is not None and any(EXPERT_LAYERS[traits.layers](fields, index) for index in range(count)):
        width = listed_or_size(fields, traits.width)
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
