"""Profiles and workloads that several tests of the components use."""

import dataclasses

from nim_profiles.profile import Profile
from pulumi_nim.manifests.pod import Workload

IMAGE = f"nvcr.io/nim/meta/llama-3.1-8b-instruct:2.0.6@sha256:{'3' * 64}"


def profile(tensor_parallel: int = 1, pipeline_parallel: int = 1) -> Profile:
    tags = {
        "feat_lora": "false",
        "llm_engine": "vllm",
        "min_vram_per_device_gb": "27.0",
        "pp": str(pipeline_parallel),
        "precision": "fp8",
        "tp": str(tensor_parallel),
    }
    return Profile(id="c" * 64, name=f"vllm-fp8-tp{tensor_parallel}-pp{pipeline_parallel}-27.0", tags=tags)


def workload(**changes: object) -> Workload:
    base = Workload(
        endpoint="llama",
        namespace="nim",
        image=IMAGE,
        profile=profile(),
        profile_value="c" * 64,
        replicas=2,
        node_selector={"nvidia.com/gpu.product": "NVIDIA-L40S"},
        start_up_seconds=601,
        claim_name="llama-cache-0123456789",
    )
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]  # each test names real fields
