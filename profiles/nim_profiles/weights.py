"""Bytes of weights on the fullest tensor-parallel rank of each pipeline stage, as vLLM 0.32 counts parameters."""

from collections.abc import Iterable

from nim_profiles.shape import ModelShape, Tensor
from nim_profiles.shape.quantization import Quantization, dtype_bytes, tensor_bytes


def weight_bytes_per_rank(
    shape: ModelShape,
    *,
    tensor_parallel: int,
    pipeline_parallel: int,
    dtype: str,
    quantization: str | None = None,
    vision: bool = True,
) -> tuple[int, ...]:
    """One figure per pipeline stage.

    `dtype`: of whatever is not quantized. `quantization`: None takes what config.json says; a name (`fp8`, `awq`, ...)
    overrides it; `none` loads the weights as they are. `vision` False: towers are left out, as vLLM does when every
    `--limit-mm-per-prompt` is 0. Bytes of kernels' own copies and padding are not included.
    Raises UnsupportedSharding where vLLM cannot deal the model to that many ranks.
    """
    scheme = shape.quantization if quantization is None else Quantization.named(quantization)

    def size(tensors: Iterable[Tensor]) -> int:
        return sum(tensor_bytes(tensor, tensor_parallel, dtype, scheme) for tensor in tensors)

    result = []
    stages = shape.stages(pipeline_parallel)
    for number, layers in enumerate(stages):
        total = sum(size(layer.tensors) for layer in layers) + size(shape.everywhere)
        total += size(shape.vision) if vision else 0
        total += size(shape.first) if number == 0 else 0
        total += size(shape.last) if number == len(stages) - 1 else 0
        # A tied head is the embedding itself, and stages other than the first need a copy of it.
        total += size(shape.tied) if number == len(stages) - 1 and number > 0 else 0
        result.append(total)
    return tuple(result)


def rotary_table_bytes(shape: ModelShape, dtype: str) -> int:
    """The cos/sin table vLLM keeps beside the weights ("Model loading took" includes it): one per rank."""
    return shape.max_position_embeddings * shape.rotary_size * dtype_bytes(dtype)
