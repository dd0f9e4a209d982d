"""A lock and a stack file that are right, to be made wrong by the tests."""

import copy
from pathlib import Path
from typing import Any

from nim_profiles.lock import Lock
from nim_profiles.locked_image import Download, LockedImage, LockedProfile, Origin, Shape

LOCK_FOLDER = Path(__file__).parents[2] / "stacks"
FILE = "stacks/Pulumi.test.yaml"
DIGEST = f"sha256:{'3' * 64}"
REFERENCE = "nvcr.io/nim/meta/llama:2.0.6"
IMAGE = f"{REFERENCE}@{DIGEST}"
FP8 = "a" * 64
BF16 = "b" * 64
TP8 = "c" * 64
HUGE = "d" * 64


def _profile(identifier: str, precision: str, tensor_parallel: int, vram: str, size: int | None) -> LockedProfile:
    return LockedProfile(
        id=identifier,
        name=f"vllm-{precision}-tp{tensor_parallel}-pp1-{vram}",
        tags={
            "feat_lora": "false",
            "llm_engine": "vllm",
            "min_vram_per_device_gb": vram,
            "pp": "1",
            "precision": precision,
            "tp": str(tensor_parallel),
        },
        tags_complete=True,
        download=None if size is None else Download(bytes=size, estimated=True, basis="made up for tests"),
    )


def lock(shape: str) -> Lock:
    """With the model shape of this name of the catalogue."""
    return Lock(
        images={
            REFERENCE: LockedImage(
                digest=DIGEST,
                source=Origin(kind="manifest", sha256="e" * 64),
                model="meta/llama",
                shape=Shape(catalogue=shape),
                profiles=(
                    _profile(FP8, "fp8", 1, "27.0", 9_000_000_000),
                    _profile(BF16, "bf16", 1, "33.0", None),
                    _profile(TP8, "bf16", 8, "8.0", 32_000_000_000),
                    _profile(HUGE, "bf16", 1, "200.0", 32_000_000_000),
                ),
            )
        }
    )


LOCK = lock("meta-llama/Llama-3.1-8B-Instruct")
SHAPELESS = lock("no/such-model")

_RAW: dict[str, Any] = {
    "cluster": {"sandbox": "test"},
    "needs_ngc_key": False,
    "pools": {"l40s": {"back_end": "simulated", "instance_type": "g6e.12xlarge"}},
    "endpoints": {"llama": {"image": IMAGE, "profile": FP8, "pool": "l40s"}},
}


def raw(**endpoint: Any) -> dict[str, Any]:
    """A right stack file whose one endpoint has these keys changed; None takes a key away."""
    content = copy.deepcopy(_RAW)
    changed = {**content["endpoints"]["llama"], **endpoint}
    content["endpoints"]["llama"] = {key: value for key, value in changed.items() if value is not None}
    return content
