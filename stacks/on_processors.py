"""What a profile for processors will take and hold, on paper: the same arithmetic as for GPUs, of fewer terms."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nim_profiles.kv_cache import kv_layout
from nim_profiles.locked_image import LockedImage
from nim_profiles.locked_shape import NoShape, shape_of
from nim_profiles.memory.weights import weights
from nim_profiles.precision import dtype_of
from nim_profiles.profile import Profile
from nim_profiles.units import GIB, gib
from nim_profiles.vllm_args import Row
from nim_profiles.vllm_args.spelling import int_of

BLOCK_TOKENS = 128
"""Of vLLM's CPU back end, where attention is not latent (vLLM 0.32, seen in what it logs)."""
BATCHED_TOKENS = 4096
"""Its `--max-num-batched-tokens` for a server (seen likewise)."""


@dataclass(frozen=True, slots=True)
class ProcessorEstimate:
    weights_bytes: int
    """What vLLM logs as "Model loading took"."""
    kv_bytes: int | None
    """What is asked for."""
    kv_tokens: int | None
    """What it logs as "GPU KV cache size", on processors too; None where nobody says how large the cache is."""
    longest_context_tokens: int
    """As the server tells it: what is asked for."""


def estimate(
    profile: Profile, image: LockedImage, lock_folder: Path, settings: Sequence[Row]
) -> ProcessorEstimate | None:
    """None where the lock file leads to no model shape."""
    try:
        shape = shape_of(image, lock_folder)
    except NoShape:
        return None
    own = json.loads(profile.tags.get("nim_json_args", "{}"))
    said = {f"--{name.replace('_', '-')}": str(value) for name, value in own.items()}
    said |= {row.setting.name: row.setting.values[-1] for row in settings if row.setting.values}
    dtype = dtype_of(profile.precision) or shape.dtype or "bfloat16"
    (carried, *_) = weights(
        shape, tensor_parallel=profile.tensor_parallel, pipeline_parallel=profile.pipeline_parallel, dtype=dtype
    )
    layout = kv_layout(
        shape,
        tensor_parallel=profile.tensor_parallel,
        pipeline_parallel=profile.pipeline_parallel,
        dtype=dtype,
        block_size=BLOCK_TOKENS,
        max_batched_tokens=BATCHED_TOKENS,
    )
    length = int_of(said["--max-model-len"]) if "--max-model-len" in said else shape.max_position_embeddings
    kept = int_of(said["--kv-cache-memory-bytes"]) if "--kv-cache-memory-bytes" in said else None
    tokens = None if kept is None else layout.tokens(kept, length)
    return ProcessorEstimate(carried.likely_bytes, kept, tokens, length)


def objection(found: ProcessorEstimate, memory_bytes: int) -> str | None:
    """Why a replica with so much memory cannot run; None where it may: vLLM's processes take more beside this."""
    needed = found.weights_bytes + (found.kv_bytes or 0)
    if needed < memory_bytes:
        return None
    cache = f" and {gib(found.kv_bytes)} of KV cache" if found.kv_bytes else ""
    return (
        f"takes {gib(found.weights_bytes)} of weights{cache}; a replica has {gib(memory_bytes)} of memory: raise "
        f"processors.memory_gib of its pool above {needed // GIB}"
    )
