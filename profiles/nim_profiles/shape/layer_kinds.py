"""Which layer of a decoder is what: attention or state, dense or experts, full or windowed."""

from collections.abc import Callable

from nim_profiles.shape.family import Family
from nim_profiles.shape.fields import Fields

ATTENTION, STATE, BOTH, DENSE, EXPERTS = "attention", "state", "both", "dense", "experts"
_NAMES = {
    "full_attention": ATTENTION, "attention": ATTENTION, "sliding_attention": ATTENTION, "*": ATTENTION,
    "mamba": STATE, "linear_attention": STATE, "conv": STATE, "M": STATE, "mamba2": STATE,
    "hybrid": BOTH, "-": DENSE, "mlp": DENSE, "E": EXPERTS, "moe": EXPERTS,
}  # fmt: skip


def _listed(fields: Fields, count: int) -> list[str]:
    names = fields.list("layer_types", "layers_block_type")
    if not names and fields.has("full_attention_interval"):
        every = fields.size("full_attention_interval")
        return [ATTENTION if (layer + 1) % every == 0 else STATE for layer in range(count)]
    if not names and fields.option("attn_layer_indices") is not None:
        chosen = fields.list("attn_layer_indices")
        return [ATTENTION if layer in chosen else STATE for layer in range(count)]
    if not names and fields.option("full_attn_idxs") is not None:
        chosen = fields.list("full_attn_idxs")
        return [ATTENTION if layer in chosen else STATE for layer in range(count)]
    return [_kind(fields, str(name)) for name in names]


def _pattern(fields: Fields, _count: int) -> list[str]:
    pattern = fields.option("hybrid_override_pattern")
    names = list(pattern) if isinstance(pattern, str) else fields.list("layers_block_type")
    return [_kind(fields, str(name)) for name in names if name != "|"]


def _kind(fields: Fields, name: str) -> str:
    if name not in _NAMES:
        raise fields.refuse(f"layer kind {name!r} is not one we can count")
    return _NAMES[name]


def _period_offset(fields: Fields, count: int) -> list[str]:
    period, offset = fields.size("attn_layer_period"), fields.size("attn_layer_offset")
    return [ATTENTION if layer % period == offset else STATE for layer in range(count)]


RULES: dict[str, Callable[[Fields, int], list[str]]] = {
    "listed": _listed,
    "pattern": _pattern,
    "period_offset": _period_offset,
    "state": lambda _fields, count: [STATE] * count,
    "both": lambda _fields, count: [BOTH] * count,
}


def layer_kinds(fields: Fields, family: Family, count: int) -> list[str]:
    """Kind of every layer. Raises UnsupportedShape when config.json lists fewer kinds than layers."""
    if not family.layer_kinds:
        return [ATTENTION] * count
    kinds = RULES[family.layer_kinds](fields, count)
    if len(kinds) < count:
        raise fields.refuse(
            f"the kinds of {len(kinds)} layers are given, num_hidden_layers is {count}; make them agree"
        )
    return kinds[:count]


def layer_windows(fields: Fields, family: Family, count: int) -> list[int | None]:
    """Window of every layer in tokens, None where it sees everything."""
    window = fields.option("sliding_window", "sliding_window_size")
    if window is None or fields.option("use_sliding_window") is False or not int(window):
        return [None] * count
    types = fields.list("layer_types")
    if len(types) >= count:
        return [int(window) if types[layer] == "sliding_attention" else None for layer in range(count)]
    if family.window_every:
        name, default = family.window_every
        every = fields.number(name, "_sliding_window_pattern", default=default)
        return [None if (layer + 1) % every == 0 else int(window) for layer in range(count)]
    return [int(window)] * count
