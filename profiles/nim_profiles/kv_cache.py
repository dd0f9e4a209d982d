"""The KV cache as vLLM 0.32 lays it out: pages, groups of layers, blocks of a request, tokens, longest length.

Written from what vLLM does (`v1/core/kv_cache_utils.py`, `v1/kv_cache_interface.py`, `platforms/interface.py`, read
2026-11-22) and checked against what it counted (tests/data/real_vllm.json). Not covered: context parallelism,
block-outermost layouts, quantized caches with scales of their own (nvfp4, per-token scales).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from nim_profiles.shape import AttentionCache, ModelShape, StateCache, UnsupportedShape
from nim_profiles.shape.quantization import dtype_bytes

GPU_BLOCK_TOKENS = 16
PACKED_LATENT_BYTES = {"fp8_ds_mla": 656, "nvfp4_ds_mla": 352}
"""Bytes a token and layer of the packed MLA formats (vLLM 0.33, `v1/kv_cache_interface.py`)."""
LATENT_HYBRID_BLOCK = 128
"""MLA beside states: blocks are multiples of this (`_align_hybrid_block_size`)."""


@dataclass(frozen=True, slots=True)
class Page:
    """One block of one layer on one rank."""

    kind: str
    """`full`, `window`, `chunk` or `state`."""
    tokens: int
    size_bytes: int
    reach_tokens: int = 0
    """Window or chunk."""
    state_blocks: int = 1

    def blocks(self, length_tokens: int, in_flight_tokens: int) -> int:
        """Blocks that one request of this length holds at most."""
        if self.kind == "state":
            return self.state_blocks
        if self.kind == "window":
            return -(-min(self.reach_tokens - 1 + in_flight_tokens, length_tokens) // self.tokens) + 1
        if self.kind == "chunk":
            return -(-min(self.reach_tokens + in_flight_tokens, length_tokens) // self.tokens)
        return -(-length_tokens // self.tokens)


@dataclass(frozen=True, slots=True)
class Group:
    """Layers that share a block table. One block of the group is a page of each of its layers."""

    pages: tuple[tuple[int, Page], ...]
    """Pipeline stage and page of each layer."""

    def bytes_per_block(self, stage: int) -> int:
        return sum(page.size_bytes for where, page in self.pages if where == stage)

    def blocks(self, length_tokens: int, in_flight_tokens: int) -> int:
        return max(page.blocks(length_tokens, in_flight_tokens) for _, page in self.pages)


@dataclass(frozen=True)
class KvLayout:
    """How the cache of one model is laid out over its ranks."""

    groups: tuple[Group, ...]
    stages: int
    in_flight_tokens: int
    """Tokens scheduled but not yet settled: `max_num_batched_tokens` times the batches that run at once."""

    @cached_property
    def bytes_per_block(self) -> tuple[int, ...]:
        """On each pipeline stage; groups take turns in one pool, so the widest group counts."""
        return tuple(max((g.bytes_per_block(stage) for g in self.groups), default=0) for stage in range(self.stages))

    def blocks_per_request(self, length_tokens: int) -> int:
        return sum(group.blocks(length_tokens, self.in_flight_tokens) for group in self.groups)

    def block_count(self, kv_bytes: int) -> int:
        """Blocks that fit into this budget on every rank; all ranks have as many as the poorest."""
        return min((kv_bytes // size for size in self.bytes_per_block if size), default=1)

    def concurrency(self, kv_bytes: int, max_model_len: int) -> float:
        """How many requests of full length fit at once."""
        return self.block_count(kv_bytes) / max(1, self.blocks_per_request(max_model_len))

    def tokens(self, kv_bytes: int, max_model_len: int) -> int:
        """VLLM's "GPU KV cache size": for mixed layers a derived figure that depends on `max_model_len`."""
        return int(self.concurrency(kv_bytes, max_model_len) * max_model_len) if self.groups else 0

    def longest(self, kv_bytes: int, limit: int) -> int:
        """VLLM's "estimated maximum model length", at most `limit`; 0 where not even one token fits.

        One block is kept back as the null block.
        """
        budget = min((kv_bytes // size - 1 for size in self.bytes_per_block if size), default=None)
        if budget is None or self.blocks_per_request(limit) <= budget:
            return limit
        if self.blocks_per_request(1) > budget:
            return 0
        low, high = 1, limit
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.blocks_per_request(middle) <= budget else (low, middle)
        return low


def kv_layout(
    shape: ModelShape,
    *,
    tensor_parallel: int = 1,
    pipeline_parallel: int = 1,
    dtype: str = "bfloat16",
    kv_dtype: str = "auto",
    block_size: int = GPU_BLOCK_TOKENS,
    max_batched_tokens: int = 2048,
    concurrent_batches: int | None = None,
    prefix_caching: bool = True,
    hybrid_manager: bool = True,
) -> KvLayout:
    """The layout under these settings.

    `concurrent_batches`: None means one per pipeline stage; with asynchronous scheduling a single
    stage has 2.
    `hybrid_manager` False (`--disable-hybrid-kv-cache-manager`) keeps windows at full length.
    """
    element = kv_dtype if kv_dtype != "auto" else dtype
    block = _block_tokens(shape, tensor_parallel, dtype, element, block_size)
    pages: list[tuple[int, Page]] = []
    for stage, layers in enumerate(shape.stages(pipeline_parallel)):
        for layer in layers:
            for cache in layer.caches:
                if isinstance(cache, StateCache):
                    page = _state_page(shape, cache, tensor_parallel, dtype, block, prefix_caching=prefix_caching)
                else:
                    page = _attention_page(cache, tensor_parallel, element, block)
                pages.append((stage, page))
    if not hybrid_manager and any(page.kind == "full" for _, page in pages):
        pages = [
            (stage, replace(page, kind="full", reach_tokens=0) if page.kind in ("window", "chunk") else page)
            for stage, page in pages
        ]
    batches = concurrent_batches or pipeline_parallel
    return KvLayout(tuple(_groups(pages)), pipeline_parallel, max_batched_tokens * batches)


def kv_bytes_per_token(
    shape: ModelShape,
    *,
    tensor_parallel: int = 1,
    pipeline_parallel: int = 1,
    dtype: str = "bfloat16",
    kv_dtype: str = "auto",
) -> int:
    """Bytes one token takes on the fullest rank while it lies inside every window. States are per request, not here."""
    element = kv_dtype if kv_dtype != "auto" else dtype
    return max(
        sum(
            _attention_page(cache, tensor_parallel, element, 1).size_bytes
            for layer in layers
            for cache in layer.caches
            if isinstance(cache, AttentionCache)
        )
        for layers in shape.stages(pipeline_parallel)
    )


def _attention_page(cache: AttentionCache, tensor_parallel: int, element: str, block: int) -> Page:
    heads = cache.kv_heads
    if heads % tensor_parallel and tensor_parallel % heads:
        raise UnsupportedShape("KV cache", f"{heads} KV heads cannot be dealt to {tensor_parallel} ranks")
    on_rank = max(1, heads // tensor_parallel)
    size = on_rank * (cache.key_size + cache.value_size) * dtype_bytes(cache.dtype or element)
    if cache.latent and cache.dtype is None:
        size = PACKED_LATENT_BYTES.get(element, size)
    if cache.window_tokens:
        return Page("window", block, block * size, cache.window_tokens)
    if cache.chunk_tokens:
        return Page("chunk", block, block * size, cache.chunk_tokens)
    return Page("full", block, block * size)


def _state_bytes(cache: StateCache, tensor_parallel: int, dtype: str) -> int:
    return sum(s.elements_per_rank(tensor_parallel) * dtype_bytes(s.dtype or dtype) for s in cache.states)


def _state_page(
    shape: ModelShape, cache: StateCache, tensor_parallel: int, dtype: str, block: int, *, prefix_caching: bool
) -> Page:
    size = _state_bytes(cache, tensor_parallel, dtype)
    kept = cache.prefix_blocks if prefix_caching and shape.caches_prefixes else 1
    return Page("state", block, size, state_blocks=kept)


def _block_tokens(shape: ModelShape, tensor_parallel: int, dtype: str, element: str, block_size: int) -> int:
    """Beside states the attention block grows until its page holds one."""
    caches = [cache for layer in shape.layers for cache in layer.caches]
    states = [_state_bytes(c, tensor_parallel, dtype) for c in caches if isinstance(c, StateCache)]
    attention = [c for c in caches if isinstance(c, AttentionCache)]
    if not states or not attention:
        return block_size
    step = max(block_size, LATENT_HYBRID_BLOCK) if any(c.latent for c in attention) else block_size
    token = max(_attention_page(c, tensor_parallel, element, 1).size_bytes for c in attention)
    return step * max(1, -(-max(states) // (step * token)))


def _groups(pages: Sequence[tuple[int, Page]]) -> list[Group]:
    if not pages:
        return []
    families = {(p.kind, p.tokens, p.reach_tokens, p.state_blocks) for _, p in pages}
    if len(families) == 1:
        return [Group(tuple(pages))]
    same = _same_size(pages)
    buckets: dict[Page, list[tuple[int, Page]]] = {}
    for stage, page in same:
        buckets.setdefault(page, []).append((stage, page))
    counts = [len(bucket) for bucket in buckets.values()]
    # vLLM 0.32 pads to the largest bucket when it is less than half as large again as the smallest.
    width = max(counts) if max(counts) < 1.5 * min(counts) else min(counts)
    groups = []
    for bucket in buckets.values():
        number = -(-len(bucket) // width)
        groups += [Group(tuple(bucket[i::number])) for i in range(number)]
    return groups


def _same_size(pages: Sequence[tuple[int, Page]]) -> list[tuple[int, Page]]:
    """All pages as large as the largest: attention by longer blocks where that divides, everything else by padding."""
    largest = max(page.size_bytes for _, page in pages)
    result = []
    for stage, page in pages:
        times, rest = divmod(largest, page.size_bytes)
        longer = page.kind != "state" and not rest
        result.append((stage, replace(page, size_bytes=largest, tokens=page.tokens * (times if longer else 1))))
    return result
