"""Weights as loaded: what config.json says, the rotary table, and what kernels add to quantized weights."""

from math import ceil

from nim_profiles.memory.settings import Range, constants, gib_range
from nim_profiles.shape import ModelShape
from nim_profiles.shape.quantization import Quantization, tensor_bytes
from nim_profiles.shape.tensor import Role
from nim_profiles.weights import rotary_table_bytes, weight_bytes_per_rank

MXFP4_HIDDEN_MULTIPLE = 256
MXFP4_WIDTH_MULTIPLE = 128
"""What mxfp4 expert kernels pad to: the hidden size, and each rank's expert width (Marlin; Triton only to 64, but which
of them runs depends on what the image has installed). gpt-oss-120b prints 66.0 GiB with Marlin, 64.4 with Triton."""
UNQUANTIZED_MARGIN = 1.003
"""Whole copies that sharding leaves behind: up to 0.25 % over the sum of ranks in the same test data."""
QUANTIZED_MARGIN = 1.02
"""Scales, zero points and repacked copies that differ between checkpoints of one scheme: up to 0.9 % in the test data.
Of mxfp4 the padding above is already the larger one that was seen."""


def _padding(size: int, multiple: int) -> float:
    return ceil(size / multiple) * multiple / size


def _mxfp4_padding(shape: ModelShape, stage: int, stages: int, tensor_parallel: int, scheme: Quantization) -> int:
    hidden, extra = _padding(shape.hidden_size, MXFP4_HIDDEN_MULTIPLE), 0.0
    for layer in shape.stages(stages)[stage]:
        for tensor in layer.tensors:
            if tensor.role is Role.EXPERT and scheme.applies_to(tensor):
                width = _padding(max(1, tensor.pieces // tensor_parallel), MXFP4_WIDTH_MULTIPLE)
                extra += tensor_bytes(tensor, tensor_parallel, "bfloat16", scheme) * (hidden * width - 1)
    return int(extra)


def weights(
    shape: ModelShape,
    *,
    tensor_parallel: int,
    pipeline_parallel: int,
    dtype: str,
    quantization: str | None = None,
    vision: bool = True,
) -> tuple[Range, ...]:
    """Of the fullest rank of each pipeline stage: what vLLM prints as "Model loading took"."""
    carried = weight_bytes_per_rank(
        shape,
        tensor_parallel=tensor_parallel,
        pipeline_parallel=pipeline_parallel,
        dtype=dtype,
        quantization=quantization,
        vision=vision,
    )
    scheme = shape.quantization if quantization is None else Quantization.named(quantization)
    table = rotary_table_bytes(shape, dtype)
    uncounted = vision and bool(shape.uncounted)
    tower = gib_range(constants()["encoder"]["uncounted_tower"]["gib"]) if uncounted else Range(0, 0)
    result = []
    for stage, size in enumerate(carried):
        padding = 0
        if scheme is not None and scheme.name == "mxfp4":
            padding = _mxfp4_padding(shape, stage, pipeline_parallel, tensor_parallel, scheme)
        likely = size + table + padding
        margin = UNQUANTIZED_MARGIN if scheme is None or padding else QUANTIZED_MARGIN
        result.append(Range(likely + tower.likely_bytes, int(likely * margin) + tower.safe_bytes))
    return tuple(result)
