"""One weight tensor: how large it is in the whole model, and what one tensor-parallel rank holds of it."""

from dataclasses import dataclass
from enum import Enum

VOCABULARY_MULTIPLE = 64
"""vLLM pads the rows of embedding and head to a multiple of this (`DEFAULT_VOCAB_PADDING_SIZE`, vLLM 0.32)."""


class UnsupportedSharding(ValueError):
    """vLLM refuses this number of tensor-parallel ranks for this model."""


class Role(Enum):
    """What quantization may do with a tensor."""

    LINEAR = "linear"
    """A matrix of a decoder layer: quantized unless the checkpoint leaves it out."""
    EXPERT = "expert"
    """The matrices of routed experts: the only ones that mxfp4 checkpoints quantize."""
    HEAD = "head"
    """Embedding and output matrix: kept in the model's dtype by nearly every checkpoint."""
    PLAIN = "plain"
    """Norms, biases, router gates, convolutions: never quantized."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """Weights of one name. `pieces` equal parts are dealt to the ranks; 1 means that every rank holds all of it."""

    name: str
    elements: int
    pieces: int = 1
    role: Role = Role.PLAIN
    inputs: int = 0
    """Length of one row of a matrix, along which quantization groups its scales; 0 where it is no matrix."""
    dtype: str | None = None
    """Kept in this dtype whatever the model's is (`float32` for state-space decay and router corrections)."""
    padded_pieces: int = 0
    """Pieces that vLLM allocates, where it pads (vocabulary rows); 0: as many as `pieces`."""

    def elements_per_rank(self, tensor_parallel: int) -> int:
        """Elements on the fullest rank. Pieces that are fewer than the ranks are copied, as vLLM copies KV heads.

        Raises UnsupportedSharding where neither number divides the other.
        """
        if self.pieces == 1 or (tensor_parallel == 1 and not self.padded_pieces):
            return self.elements
        piece = self.elements // self.pieces
        allocated = self.padded_pieces or self.pieces
        if allocated % tensor_parallel == 0:
            return allocated // tensor_parallel * piece
        if tensor_parallel % allocated == 0:
            return piece
        raise UnsupportedSharding(
            f"{self.name}: {allocated} parts cannot be dealt to {tensor_parallel} tensor-parallel ranks; "
            f"use a number that divides {allocated}"
        )


def matrix(name: str, inputs: int, outputs: int, pieces: int = 1, role: Role = Role.LINEAR) -> Tensor:
    """A linear map without its bias, dealt out in `pieces` (of its outputs or its inputs, which are the same bytes)."""
    return Tensor(name, inputs * outputs, pieces, role, inputs)


def vector(name: str, size: int, pieces: int = 1, dtype: str | None = None) -> Tensor:
    """A bias or the scales of a norm."""
    return Tensor(name, size, pieces, dtype=dtype)


def vocabulary(name: str, rows: int, width: int) -> Tensor:
    """An embedding or output matrix over the vocabulary."""
    padded = -(-rows // VOCABULARY_MULTIPLE) * VOCABULARY_MULTIPLE
    return Tensor(name, rows * width, rows, Role.HEAD, width, padded_pieces=padded)
