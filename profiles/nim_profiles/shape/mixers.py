"""Weights and states of layers with a state of fixed size: Mamba 1 and 2, gated delta nets, short convolutions."""

from collections.abc import Callable

from nim_profiles.shape.fields import Fields
from nim_profiles.shape.layer import Layer, StateCache
from nim_profiles.shape.tensor import Role, Tensor, matrix, vector


def _convolution(channels: int, pieces: int, kernel: int, name: str = "mixer.conv") -> Tensor:
    return Tensor(name, channels * kernel, pieces)


def mamba1(fields: Fields, hidden: int) -> Layer:
    """Mamba and Jamba. Jamba normalizes dt, B and C; it is told by its `mamba_dt_rank`."""
    inner = fields.number("mamba_expand", "expand", default=2) * hidden
    state = fields.size("mamba_d_state", "state_size")
    kernel = fields.size("mamba_d_conv", "conv_kernel")
    rank = fields.option("mamba_dt_rank", "time_step_rank", default="auto")
    rank = -(-hidden // 16) if rank == "auto" else int(rank)
    tensors = [
        matrix("mixer.in", hidden, 2 * inner, inner),
        _convolution(inner, inner, kernel),
        matrix("mixer.x", inner, rank + 2 * state, inner),
        matrix("mixer.dt", rank, inner, inner),
        vector("mixer.dt_bias", inner, inner),
        Tensor("mixer.decay", inner * state, inner, dtype="float32"),
        vector("mixer.skip", inner, inner),
        matrix("mixer.out", inner, hidden, inner),
    ]
    if fields.flag("mamba_conv_bias", "use_conv_bias", default=True):
        tensors.append(vector("mixer.conv_bias", inner, inner))
    if fields.flag("mamba_proj_bias", "use_bias"):
        tensors += [vector("mixer.in_bias", 2 * inner, inner), vector("mixer.out_bias", hidden)]
    if fields.has("mamba_dt_rank"):
        tensors.append(vector("mixer.norms", rank + 2 * state))
    states = (Tensor("conv", inner * (kernel - 1), inner), Tensor("ssm", inner * state, inner))
    return Layer(tuple(tensors), (StateCache(states),))


def mamba2(fields: Fields, hidden: int) -> Layer:
    """Mamba 2 and its many hybrids. B and C belong to groups, which are copied where they are fewer than the ranks."""
    heads = fields.size("mamba_n_heads", "mamba_num_heads", "n_mamba_heads", "num_heads")
    width = fields.option("mamba_d_head", "mamba_head_dim", "mamba_headdim", "head_dim", default="auto")
    inner = fields.number("mamba_d_ssm", "mamba_intermediate_size", default=0)
    if not isinstance(width, int):
        width = fields.number("mamba_expand", "expand", default=2) * hidden // heads
    inner = inner or heads * width
    state = fields.size("mamba_d_state", "ssm_state_size", "state_size")
    groups = fields.size("mamba_n_groups", "n_groups", "mamba_ngroups")
    kernel = fields.size("mamba_d_conv", "conv_kernel", "mamba_conv_kernel")
    tensors = [
        matrix("mixer.in", hidden, 2 * inner, heads),
        matrix("mixer.in_groups", hidden, 2 * groups * state, groups),
        matrix("mixer.in_dt", hidden, heads, heads),
        _convolution(inner, heads, kernel),
        _convolution(2 * groups * state, groups, kernel, "mixer.conv_groups"),
        vector("mixer.decay", heads, heads, dtype="float32"),
        vector("mixer.skip", heads, heads),
        vector("mixer.dt_bias", heads, heads),
        matrix("mixer.out", inner, hidden, heads),
    ]
    if fields.flag("mamba_conv_bias", "use_conv_bias", default=True):
        tensors += [
            vector("mixer.conv_bias", inner, heads),
            vector("mixer.conv_bias_groups", 2 * groups * state, groups),
        ]
    if fields.flag("mamba_rms_norm", default=True):
        tensors.append(vector("mixer.norm", inner, heads))
    if fields.flag("mamba_proj_bias", "use_bias", "add_bias_linear"):
        tensors += [
            vector("mixer.in_bias", 2 * inner + heads, heads),
            vector("mixer.in_bias_groups", 2 * groups * state, groups),
            vector("mixer.out_bias", hidden),
        ]
    states = (
        Tensor("conv", inner * (kernel - 1), heads),
        Tensor("conv_groups", 2 * groups * state * (kernel - 1), groups),
        Tensor("ssm", inner * state, heads, dtype=_state_dtype(fields)),
    )
    return Layer(tuple(tensors), (StateCache(states, prefix_blocks=3),))


def gated_delta_net(fields: Fields, hidden: int) -> Layer:
    """Qwen3-Next and Qwen3.5: linear attention with its own numbers of key and value heads."""
    key_heads, value_heads = fields.size("linear_num_key_heads"), fields.size("linear_num_value_heads")
    key_size, value_size = fields.size("linear_key_head_dim"), fields.size("linear_value_head_dim")
    kernel = fields.size("linear_conv_kernel_dim")
    keys, values = key_heads * key_size, value_heads * value_size
    tensors = [
        matrix("mixer.in_qk", hidden, 2 * keys, key_heads),
        matrix("mixer.in_vz", hidden, 2 * values, value_heads),
        Tensor("mixer.in_ba", hidden * 2 * value_heads, value_heads, Role.LINEAR, hidden),
        _convolution(2 * keys, key_heads, kernel),
        _convolution(values, value_heads, kernel, "mixer.conv_values"),
        vector("mixer.decay", value_heads, value_heads, dtype="float32"),
        vector("mixer.dt_bias", value_heads, value_heads),
        vector("mixer.norm", value_size),
        matrix("mixer.out", values, hidden, value_heads),
    ]
    states = (
        Tensor("conv", 2 * keys * (kernel - 1), key_heads),
        Tensor("conv_values", values * (kernel - 1), value_heads),
        Tensor("delta", values * key_size, value_heads, dtype=_state_dtype(fields)),
    )
    return Layer(tuple(tensors), (StateCache(states),))


def short_convolution(fields: Fields, hidden: int) -> Layer:
    """LFM2: gated convolutions over the last few tokens."""
    width = fields.number("conv_dim", default=hidden)
    kernel = fields.size("conv_L_cache")
    tensors = [
        matrix("mixer.in", hidden, 3 * width, width),
        _convolution(width, width, kernel),
        matrix("mixer.out", width, hidden, width),
    ]
    if fields.flag("conv_bias"):
        tensors += [vector("mixer.in_bias", 3 * width, width), vector("mixer.conv_bias", width, width)]
        tensors.append(vector("mixer.out_bias", hidden))
    return Layer(tuple(tensors), (StateCache((Tensor("conv", width * (kernel - 1), width),)),))


def _state_dtype(fields: Fields) -> str | None:
    found = fields.option("mamba_ssm_cache_dtype", "mamba_ssm_dtype")
    return None if found in (None, "auto") else str(found)


MIXERS: dict[str, Callable[[Fields, int], Layer]] = {
    "mamba1": mamba1,
    "mamba2": mamba2,
    "gated_delta_net": gated_delta_net,
    "short_convolution": short_convolution,
}
