"""What a checkpoint's `quantization_config` means for the bytes of its weights."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nim_profiles.shape.fields import UnsupportedShape
from nim_profiles.shape.tensor import Role, Tensor

DTYPE_BYTES = {
    "float32": 4, "float": 4, "float16": 2, "half": 2, "bfloat16": 2,
    "fp8": 1, "fp8_e4m3": 1, "fp8_e5m2": 1, "fp8_inc": 1, "int8": 1, "uint8": 1,
    "fp8_ds_mla": 1, "nvfp4_ds_mla": 1,
}  # fmt: skip


def dtype_bytes(dtype: str) -> int:
    """Bytes of one element. Raises ValueError, naming the dtypes that are known."""
    try:
        return DTYPE_BYTES[dtype.removeprefix("torch.")]
    except KeyError:
        raise ValueError(f"dtype {dtype} is not one of {', '.join(DTYPE_BYTES)}") from None


@dataclass(frozen=True, slots=True)
class Quantization:
    """Bits of a quantized weight and of the scales that come with a group of them."""

    name: str
    bits: float
    scale_bits: float = 0
    """Scales and zero points of one group, together."""
    group: int = 0
    """Weights along a row that share scales; 0: one scale per row or tensor."""
    roles: frozenset[Role] = field(default=frozenset({Role.LINEAR, Role.EXPERT}))
    kept: tuple[str, ...] = ()
    """Parts of the model that stay in its dtype: of our own tensor names, `attention`, `shared_expert`, `mlp`, ..."""

    @classmethod
    def named(cls, name: str) -> "Quantization | None":
        """A scheme by the name that vLLM's `--quantization` or a NIM precision uses; None for unquantized ones."""
        if name in UNQUANTIZED:
            return None
        if name not in SCHEMES:
            raise ValueError(f"quantization {name} is not one of {', '.join(sorted(SCHEMES))}")
        return SCHEMES[name]

    def applies_to(self, tensor: Tensor) -> bool:
        return tensor.role in self.roles and not any(tensor.name.startswith(part) for part in self.kept)


UNQUANTIZED = ("none", "bf16", "fp16", "bfloat16", "float16", "float32")
SCHEMES = {
    scheme.name: scheme
    for scheme in (
        Quantization("awq", 4, 16 + 4, 128),
        Quantization("gptq", 4, 16 + 4, 128),
        Quantization("fp8", 8),
        Quantization("int8", 8),
        Quantization("w8a8", 8),
        Quantization("int4", 4, 16, 128),
        Quantization("bitsandbytes", 4, 32, 64),
        Quantization("mxfp4", 4, 8, 32, frozenset({Role.EXPERT})),
        Quantization("mxfp8", 8, 8, 32),
        Quantization("nvfp4", 4, 8, 16),
    )
}
"""Bits by the formats' own definitions. awq and gptq: 16-bit scale and 4-bit zero point for 128 weights (row m012 of
tests/data/vllm_memory.json: 18.00 GiB computed, 18.14 printed). bitsandbytes NF4: a float32 for 64 weights."""


def tensor_bytes(tensor: Tensor, tensor_parallel: int, dtype: str, scheme: Quantization | None) -> int:
    elements = tensor.elements_per_rank(tensor_parallel)
    if scheme is None or not scheme.applies_to(tensor):
        return elements * dtype_bytes(tensor.dtype or dtype)
    scales = (
        elements * scheme.scale_bits / scheme.group
        if scheme.group
        else elements / max(1, tensor.inputs) * scheme.scale_bits
    )
    return round((elements * scheme.bits + scales) / 8)


def read_quantization(config: Mapping[str, Any], model: str) -> Quantization | None:
    """The scheme of a config.json, `hf_quant_config.json` included when merged in as `hf_quant_config`.

    Raises UnsupportedShape for methods we cannot count.
    """
    found = config.get("quantization_config") or config.get("compression_config")
    extra = config.get("hf_quant_config")
    if not isinstance(found, Mapping) and not isinstance(extra, Mapping):
        return None
    found = found if isinstance(found, Mapping) else {}
    extra = extra if isinstance(extra, Mapping) else {}
    extra = extra.get("quantization", extra)
    method = str(found.get("quant_method") or "").lower().replace("_", "-")
    algorithm = str(found.get("quant_algo") or extra.get("quant_algo") or "").lower()
    scheme = _scheme(method, algorithm, {**extra, **found}, model)
    if scheme is None:
        return None
    ignored = [
        str(name)
        for key in ("modules_to_not_convert", "ignore", "exclude_modules", "ignored_layers")
        for name in (found.get(key) or extra.get(key) or ())
    ]
    return Quantization(
        scheme.name,
        scheme.bits,
        scheme.scale_bits,
        scheme.group,
        scheme.roles,
        _kept(ignored, int(config.get("num_hidden_layers") or 0)),
    )


def _scheme(  # noqa: PLR0911 - one return for each way of writing a scheme
    method: str, algorithm: str, found: Mapping[str, Any], model: str
) -> Quantization | None:
    if method in ("awq", "gptq", "auto-round", "gptq-marlin", "awq-marlin", "auto-awq"):
        bits = int(found.get("bits") or found.get("w_bit") or 4)
        group = int(found.get("group_size") or found.get("q_group_size") or 128)
        return Quantization("gptq" if "gptq" in method else "awq", bits, 16 + bits, max(group, 0))
    if method in ("bitsandbytes", "bnb"):
        return Quantization("int8", 8) if found.get("load_in_8bit") else SCHEMES["bitsandbytes"]
    if method == "compressed-tensors":
        return _compressed_tensors(found, model)
    if method == "mxfp4":
        return SCHEMES["mxfp4"]
    if "mixed" in algorithm:
        # The mixture is not stated per layer; NVFP4 is its bulk in every public checkpoint seen (model_configs.json).
        return SCHEMES["nvfp4"]
    if "nvfp4" in algorithm or "w4a16" in algorithm:
        return SCHEMES["nvfp4"]
    if method in ("fp8", "fbgemm-fp8", "modelopt", "ptpc-fp8", "quark") or "fp8" in algorithm:
        block = found.get("weight_block_size")
        # One float32 per block: 128 x 128 weights, so per weight as if a row group of 16,384 had one.
        return (
            Quantization("fp8", 8, 32, int(block[0]) * int(block[1])) if isinstance(block, Sequence) else SCHEMES["fp8"]
        )
    if method in ("none", ""):
        return None
    raise UnsupportedShape(model, f"quantization_config.quant_method {method or algorithm} is not one we can count")


def _compressed_tensors(found: Mapping[str, Any], model: str) -> Quantization:
    groups = found.get("config_groups") or {}
    weights = [group.get("weights") or {} for group in groups.values() if isinstance(group, Mapping)]
    if not weights:
        raise UnsupportedShape(model, "quantization_config.config_groups is empty: weights are not described")
    widest = max(weights, key=lambda weight: int(weight.get("num_bits") or 0))
    bits, group = int(widest.get("num_bits") or 8), int(widest.get("group_size") or 0)
    if bits == 4 and widest.get("type") == "float":
        return Quantization("mxfp4" if group == 32 else "nvfp4", 4, 8, group or 16)
    return Quantization("fp8" if widest.get("type") == "float" else f"int{bits}", bits, 16, max(group, 0))


PARTS = {
    "attention": ("self_attn", "attn", "attention", "q_proj", "qkv_proj", "q_a_proj"),
    "shared_expert": ("shared_expert", "shared_experts"),
    "mlp": ("mlp",),
    "experts": ("experts",),
    "mixer": ("mamba", "mixer", "linear_attn", "conv"),
}
"""Our names of parts, and what checkpoints call them. Whoever leaves out the queries leaves out the attention."""


def _kept(ignored: Sequence[str], layers: int) -> tuple[str, ...]:
    """Our names of the parts that a list of modules or patterns leaves out in at least half of the layers."""
    named = Counter(re.sub(r"\.\d+(?=\.|$)", ".*", name) for name in ignored)
    common = [name for name, times in named.items() if name in ignored or 2 * times >= max(layers, 1)]
    last = {re.split(r"[.*^$:]+", name.rstrip(".*$"))[-1] for name in common if "*" in name}
    return tuple(part for part, names in PARTS.items() if last & set(names))
