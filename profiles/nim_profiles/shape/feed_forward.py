"""Weights of feed-forward blocks: dense, gated or not, and mixtures of experts."""

from collections.abc import Callable

from nim_profiles.shape.attention import is_on
from nim_profiles.shape.family import Experts, Family
from nim_profiles.shape.fields import Fields
from nim_profiles.shape.tensor import Role, Tensor, matrix, vector


def _every(fields: Fields, layer: int) -> bool:
    step = fields.option("moe_layer_freq", default=1)
    frequency = step if isinstance(step, int) else 1
    if isinstance(step, list):
        return bool(step[layer])
    return layer >= fields.number("first_k_dense_replace", default=0) and layer % frequency == 0


def _sparse_step(fields: Fields, layer: int) -> bool:
    dense = fields.list("mlp_only_layers")
    return layer not in dense and (layer + 1) % fields.number("decoder_sparse_step", default=1) == 0


def _start_end(fields: Fields, layer: int) -> bool:
    start, end = fields.option("moe_layer_start_index", default=0), fields.option("moe_layer_end_index")
    start = min(start) if isinstance(start, list) else start
    end = max(end) if isinstance(end, list) else end
    last = fields.size("num_hidden_layers") - 1 if end in (None, -1) else end
    return (layer + 1) % fields.number("moe_layer_interval", default=1) == 0 and start <= layer <= last


def _period_offset(fields: Fields, layer: int) -> bool:
    return layer % fields.number("expert_layer_period", default=2) == fields.number("expert_layer_offset", default=1)


def _interleaved(fields: Fields, layer: int) -> bool:
    chosen = fields.list("moe_layers")
    return layer in chosen if chosen else (layer + 1) % fields.number("interleave_moe_layer_step", default=1) == 0


def _after_dense(fields: Fields, layer: int) -> bool:
    return layer >= fields.number("num_dense_layers", "first_k_dense_replace", default=0)


def _enumerated(fields: Fields, layer: int) -> bool:
    listed = fields.option("moe_layers_enum", default="")
    if isinstance(listed, str) and listed:
        return str(layer) in listed.split(",")
    return layer >= fields.number("first_k_dense_replace", default=1)


def _listed(fields: Fields, layer: int) -> bool:
    kinds, flags = fields.list("mlp_layer_types"), fields.list("is_moe_layer")
    if kinds:
        return bool(kinds[layer] == "sparse")
    return bool(flags[layer]) if flags else layer >= fields.number("first_k_dense_replace", default=0)


EXPERT_LAYERS: dict[str, Callable[[Fields, int], bool]] = {
    "all": lambda _fields, _layer: True,
    "every": _every,
    "sparse_step": _sparse_step,
    "start_end": _start_end,
    "period_offset": _period_offset,
    "interleaved": _interleaved,
    "after_dense": _after_dense,
    "enumerated": _enumerated,
    "listed": _listed,
    "none": lambda _fields, _layer: False,
}


def mlp(hidden: int, width: int, *, gated: bool = True, bias: bool = False, name: str = "mlp") -> list[Tensor]:
    """Up (and gate), down; the bias after `down` is whole on every rank."""
    ups = 2 if gated else 1
    tensors = [
        matrix(f"{name}.up", hidden, ups * width, width),
        matrix(f"{name}.down", width, hidden, width),
    ]
    return (
        [*tensors, vector(f"{name}.up_bias", ups * width, width), vector(f"{name}.down_bias", hidden)]
        if bias
        else tensors
    )


def dense_width(fields: Fields, family: Family, hidden: int) -> int:
    if family.mlp_default:
        return fields.number(*family.mlp_width, default=family.mlp_default * hidden)
    return listed_or_size(fields, family.mlp_width)


def dense(fields: Fields, family: Family, hidden: int, width: int = 0) -> list[Tensor]:
    width = width or dense_width(fields, family, hidden)
    tensors = mlp(hidden, width, gated=is_on(family.gated, fields), bias=is_on(family.mlp_bias, fields))
    return [*tensors, vector("activation", family.activation_parameters)] if family.activation_parameters else tensors


def experts(fields: Fields, traits: Experts, hidden: int) -> list[Tensor]:
    """Router, routed and shared experts. With expert parallelism whole experts are dealt: the same bytes."""
    count = fields.number(*traits.count, default=0) if traits.optional else fields.size(*traits.count)
    width = listed_or_size(fields, traits.width)
    ups = 2 if traits.gated else 1
    if not count:
        return mlp(hidden, shared_width(fields, traits, width), gated=traits.gated, name="shared_expert")
    # Nemotron 3: routed experts work in a narrower space.
    inputs = fields.number("moe_latent_size", default=hidden)
    router_dtype = "float32" if traits.router_float32 or is_on(traits.router_float32_if, fields) else None
    tensors = [
        Tensor("router", hidden * count, inputs=hidden, dtype=router_dtype),
        Tensor("experts.up", count * inputs * ups * width, width, Role.EXPERT, inputs),
        Tensor("experts.down", count * width * inputs, width, Role.EXPERT, width),
    ]
    if inputs != hidden:
        tensors += [matrix("experts.latent_in", hidden, inputs), matrix("experts.latent_out", inputs, hidden)]
    if traits.router_bias:
        tensors.append(vector("router.bias", count, dtype=router_dtype))
    if is_on(traits.correction, fields):
        tensors.append(
            vector("router.correction", count, dtype=None if traits.correction_in_model_dtype else "float32")
        )
    if traits.biases:
        tensors += [vector("experts.up_bias", count * ups * width, width), vector("experts.down_bias", count * hidden)]
    shared = shared_width(fields, traits, width)
    if shared:
        tensors += mlp(hidden, shared, gated=traits.gated, name="shared_expert")
        if traits.shared_gate:
            tensors.append(Tensor("shared_expert.gate", hidden, inputs=hidden))
    return tensors


def shared_width(fields: Fields, traits: Experts, expert_width: int) -> int:
    """Width of the shared experts together; 0 where there are none."""
    if traits.shared_width:
        return fields.number(*traits.shared_width, default=0)
    if not traits.shared_count:
        return 0
    unit = listed_or_size(fields, traits.shared_unit) if traits.shared_unit else expert_width
    return fields.number(*traits.shared_count, default=0) * unit


def listed_or_size(fields: Fields, names: tuple[str, ...]) -> int:
    """A width that some families list per layer, all the same."""
    value = fields.option(*names)
    return int(value[0]) if isinstance(value, list) and value else fields.size(*names)
