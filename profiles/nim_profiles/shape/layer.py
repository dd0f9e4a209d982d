"""One decoder layer: its weights, and what it keeps for the tokens of a request."""

from dataclasses import dataclass

from nim_profiles.shape.tensor import Tensor


@dataclass(frozen=True, slots=True)
class AttentionCache:
    """Keys and values of every token, or of the last ones."""

    kv_heads: int
    key_size: int
    """Per head."""
    value_size: int
    window_tokens: int | None = None
    """Sliding window: only that many tokens are kept."""
    chunk_tokens: int | None = None
    """Chunked local attention (Llama 4)."""
    latent: bool = False
    """MLA: one compressed vector of `key_size` a token; whole on every rank. `value_size` is 0."""
    kind: str = "full"
    """Layers of different kinds with the same page (an indexer beside its attention) have their own groups."""
    dtype: str | None = None
    """Kept in this dtype whatever the KV dtype is."""


@dataclass(frozen=True, slots=True)
class StateCache:
    """A state of fixed size per request: Mamba, linear attention, short convolutions."""

    states: tuple[Tensor, ...]
    """Sizes of the state tensors; `dtype` None is the model's dtype."""
    prefix_blocks: int = 2
    """States kept per request when prefix caching is on (vLLM 0.32: 3 for Mamba 2, 2 for others, 1 where it is off)."""


@dataclass(frozen=True, slots=True)
class Layer:
    tensors: tuple[Tensor, ...]
    caches: tuple[AttentionCache | StateCache, ...] = ()
