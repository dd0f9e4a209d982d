from pathlib import Path

import pytest

from nim_profiles.lock import Lock
from nim_sandbox.images import vllm
from nim_sandbox.images.lock import lock_images
from stacks.faults import BadStackFile
from stacks.on_processors import ProcessorEstimate, objection
from stacks.plan import Plan
from stacks.planning import make_plan

PINNED = vllm.manifest().profiles[0]


def tiny(home: Path, memory_gib: int = 3, args: tuple[str, ...] = ()) -> Plan:
    """The tiny model on processors, planned from a lock file as `make up` has it."""
    lock_images(home, {vllm.REFERENCE: f"sha256:{'3' * 64}"}, {vllm.REFERENCE: vllm.manifest()})
    raw = {
        "cluster": {"sandbox": "real", "real_node": True},
        "needs_ngc_key": False,
        "pools": {"cpu": {"back_end": "existing", "processors": {"cpu": 1, "memory_gib": memory_gib}}},
        "endpoints": {
            "tiny": {
                "engine": "vllm",
                "image": f"{vllm.REFERENCE}@sha256:{'3' * 64}",
                "profile": PINNED.id,
                "pool": "cpu",
                "args": [*args],
            }
        },
    }
    return make_plan(raw, Lock.read(home / "images.lock.yaml"), home, stack="real", file="stacks/Pulumi.real.yaml")


def test_weights_cache_and_context_of_a_profile_for_processors_are_worked_out(tmp_path: Path) -> None:
    """Float32: 90,560 parameters, 62 words that pad the vocabulary, a rotary table; 512 bytes a token, of 64 MiB."""
    assert tiny(tmp_path).endpoints[0].on_processors == ProcessorEstimate(
        weights_bytes=4 * (90_560 + 62 * 64 + 512 * 32),
        kv_bytes=64 << 20,
        kv_tokens=131_072,
        longest_context_tokens=256,
    )


def test_a_cache_of_tokens_beyond_a_replicas_memory_is_refused_with_what_it_takes(tmp_path: Path) -> None:
    with pytest.raises(BadStackFile) as refused:
        tiny(tmp_path, memory_gib=2, args=("--kv-cache-memory-bytes", "2G"))
    assert str(refused.value) == (
        "stacks/Pulumi.real.yaml: nim:endpoints.tiny.profile: found vllm-cpu-fp32-tp1-pp1, which takes 0.0 GiB of "
        "weights and 2.0 GiB of KV cache; a replica has 2.0 GiB of memory: raise processors.memory_gib of its pool "
        "above 2"
    )


def test_what_fits_barely_may_run() -> None:
    found = ProcessorEstimate(weights_bytes=2 << 30, kv_bytes=3 << 30, kv_tokens=None, longest_context_tokens=256)
    assert objection(found, 6 << 30) is None
