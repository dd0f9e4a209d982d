"""Forty-odd wrong stack files, one mistake each: the whole refusal is in the snapshot, to be read as a user would."""

import copy
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from nim_profiles.diagnosis import Issue
from stacks.faults import BadStackFile
from stacks.selected import ROOT, planned_from

FILE = "stacks/Pulumi.team.yaml"
LLAMA = (
    "nvcr.io/nim/meta/llama-3.1-8b-instruct:2.0.6"
    "@sha256:31e360dbb15f825d69e5d68c2032e334301523b4957091270385ed7ef3db5e81"
)
NANO = (
    "nvcr.io/nim/nvidia/nemotron-3-nano:2.0.12@sha256:830e4375f2be9ca5537badf75c16569df0f76b8538e78b81c553bebe6223a198"
)
FP8 = "c4789f7af56c770c1c88b73da666886365534d6980b6b922b41fd97036c77d73"
FP8_LORA = "4d9fed9cb9fa4c5694b793a6421b62077b812e4e0326a10032b948cc9ddc0712"
BF16 = "092ed4213624e774d24cdaf84e3b6222839bab2008a21d3c214ab46626366f90"
NVFP4 = "a28963301b18077db3454d5eb21f5678304936c5a425ddc552443de1f5449f2a"
TP8 = "65c92a9795f322676e4e02fd12ee5c7298647d10895b135beb412187371a8626"
GOOD: dict[str, Any] = {
    "cluster": {"sandbox": "team"},
    "needs_ngc_key": False,
    "pools": {"l40s": {"back_end": "simulated", "instance_type": "g6e.12xlarge"}},
    "endpoints": {"chat": {"image": LLAMA, "profile": FP8, "pool": "l40s"}},
}
EKS = {"cluster": "one", "region": "us-east-1", "subnets": {"subnet-0aaaaaaaaaaaaaaaa": "use1-az1"}}
ON_EKS = {"eks": EKS, "pools.l40s.back_end": "eks"}
KARPENTER = {"back_end": "karpenter", "gpu": "NVIDIA-L40S", "max_gpus": 8, "image": "al2023@v20260714"}
ON_KARPENTER = {
    "eks": {**EKS, "security_groups": ["sg-0aaaaaaaaaaaaaaaa"], "karpenter_role": "nodes"},
    "pools.l40s": KARPENTER,
}
ADAPTERS = {"adapters": [{"name": "sql", "rank": 16, "size_mib": 80}], "source": {"claim": "adapters"}}
LARGE = {
    "endpoints.chat.image": "nvcr.io/nim/meta/llama-3.1-405b-instruct:2.0.6"
    "@sha256:75bc3da6912f961b6a9a8cb22390c1ce226e7f7feceef2a74b4373e250b9ab9d",
    "endpoints.chat.profile": "d76d071337649e018680725e4ad3063d3515ab3b5aeccd258d435d83b9828fbf",
}
"""Two nodes a replica."""
GONE = object()
"""In a change: the key is taken away."""

WRONG: dict[str, dict[str, Any]] = {
    "a key that is none": {"endpoints.chat.replica": 2},
    "a number as text": {"endpoints.chat.replicas": "two"},
    "no replicas": {"endpoints.chat.replicas": 0},
    "more replicas than anybody has": {"endpoints.chat.replicas": 10**30},
    "a word where keys should stand": {"caches": "efs"},
    "a list where nothing is expected": {"caches.protect": ["no"]},
    "an empty text": {"endpoints.chat.args": [""]},
    "the cluster's own namespace": {"namespace": "kube-system"},
    "a label that is none": {
        "pools.l40s": {"back_end": "existing", "gpu": "NVIDIA-L40S", "node_labels": {"team": "a b"}}
    },
    "a share above one": {"endpoints.chat.settings.gpu_memory_utilization": 95.0},
    "profiles selected by a number": {"profile_selection": [1]},
    "subnets that are not the cluster's": {**ON_EKS, "pools.l40s.subnets": ["subnet-0b", "subnet-0c"]},
    "no endpoint": {"endpoints": {}},
    "no pool": {"pools": {}},
    "a name that Kubernetes refuses": {"endpoints.Chat_1": GOOD["endpoints"]["chat"]},
    "no cluster": {"cluster": {}},
    "two clusters": {"cluster.context": "other"},
    "a real node of another cluster": {"cluster": {"context": "other", "real_node": True}},
    "no key where one is needed": {"needs_ngc_key": GONE},
    "two pools": {"endpoints.chat.pool": ["l40s", "h100"]},
    "a pool named by a number": {"pools": {1: GOOD["pools"]["l40s"]}},
    "a pool that is not there": {"endpoints.chat.pool": "h100"},
    "a back end that is none": {"pools.l40s.back_end": "gke"},
    "an instance type with a typo": {"pools.l40s.instance_type": "g6e.12xlage"},
    "an instance type without whole GPUs": {"pools.l40s.instance_type": "g6f.xlarge"},
    "a GPU product that is none": {"pools.l40s": {"back_end": "existing", "gpu": "L40S"}},
    "an image without a digest": {"endpoints.chat.image": LLAMA.partition("@")[0]},
    "an image by latest": {"endpoints.chat.image": "nvcr.io/nim/meta/llama-3.1-8b-instruct:latest"},
    "an image that is not locked": {"endpoints.chat.image": LLAMA.replace("2.0.6", "2.0.7")},
    "another digest than was locked": {"endpoints.chat.image": f"{LLAMA.partition('@')[0]}@sha256:{'0' * 64}"},
    "a profile that the image does not offer": {"endpoints.chat.profile": TP8},
    "an id with a character too few": {"endpoints.chat.profile": FP8[:-1]},
    "a name where only ids are allowed": {"endpoints.chat.profile": "vllm-fp8-tp1-pp1-27.0"},
    "default where only ids are allowed": {"endpoints.chat.profile": "default"},
    "nothing where only ids are allowed": {"endpoints.chat.profile": GONE},
    "a name that is none": {"endpoints.chat.profile": "vllm-fp8-tp1", "profile_selection": ["name"]},
    "another number of GPUs than the profile's": {"endpoints.chat.gpu_count": 2},
    "more GPUs than a node has": {"endpoints.chat.image": NANO, "endpoints.chat.profile": TP8},
    "a GPU that is too small": {"pools.l40s.instance_type": "g6.xlarge", "endpoints.chat.profile": BF16},
    "a context that does not fit": {"pools.l40s.instance_type": "g6.xlarge"},
    "a precision that the GPU lacks": {"endpoints.chat.profile": NVFP4},
    "fp8 on A100 for a NIM": {"pools.l40s.instance_type": "p4d.24xlarge"},
    "adapters without the feature": {"endpoints.chat.lora": ADAPTERS},
    "the feature without adapters": {"endpoints.chat.profile": FP8_LORA},
    "adapters from two sources": {
        "endpoints.chat.profile": FP8_LORA,
        "endpoints.chat.lora": {**ADAPTERS, "source": {"claim": "a", "volume": {"driver": "b"}}},
    },
    "a rank above the limit": {"endpoints.chat.profile": FP8_LORA, "endpoints.chat.lora": {**ADAPTERS, "max_rank": 8}},
    "arguments that change the number of GPUs": {"endpoints.chat.args": ["--tensor-parallel-size", "2"]},
    "an argument that has a key of its own": {"endpoints.chat.args": ["--max-model-len", "4096"]},
    "an argument with a typo": {
        "endpoints.chat.vllm_version": "0.32.0",
        "endpoints.chat.args": ["--max-num-sequence=8"],
    },
    "a variable among the arguments": {"endpoints.chat.args": ["NIM_MAX_MODEL_LEN=4096"]},
    "no profile that runs on the GPU": {
        "endpoints.chat.profile": GONE,
        "profile_selection": ["automatic"],
        "pools.l40s.instance_type": "g4dn.xlarge",
    },
    "a context length of no tokens": {"endpoints.chat.settings": {"max_model_len": 0}},
    "a value that the variable does not take": {"endpoints.chat.env": {"NIM_LOG_LEVEL": "LOUD"}},
    "the profile as a variable": {"endpoints.chat.env": {"NIM_MODEL_PROFILE": FP8}},
    "a key as plain text": {"endpoints.chat.env": {"NGC_API_KEY": "nvapi-made-up"}},
    "a port that needs root": {"endpoints.chat.port": 80},
    "unsafe profiles on 2.x": {"endpoints.chat.unsafe_profile": {"reason": "a test"}},
    "vision settings on 2.x": {
        "endpoints.chat.vision_kv": {"input_tokens": 100, "output_tokens": 10, "image_request_fraction": 0.5}
    },
    "telemetry without a scheme": {"endpoints.chat.telemetry": {"collector": "collector:4317"}},
    "our launcher for an image without a manifest": {
        "endpoints.chat.image": NANO,
        "endpoints.chat.profile": TP8,
        "endpoints.chat.engine": "vllm",
        "pools.l40s.instance_type": "g6e.48xlarge",
    },
    "a version of vLLM in words": {"endpoints.chat.vllm_version": "latest"},
    "an adapter's name with a slash": {
        "endpoints.chat.profile": FP8_LORA,
        "endpoints.chat.lora": {**ADAPTERS, "adapters": [{"name": "a/b", "rank": 16, "size_mib": 80}]},
    },
    "a rule that is none": {"policy": {"levels": {"pinned-profiles": "advisory"}}},
    "a level that is none": {"policy": {"levels": {"pinned-profile": "strict"}}},
    "an exception without a reason and an end": {"policy": {"exceptions": [{"rule": "spot-alone"}]}},
    "an exception that ends on no day": {
        "policy": {"exceptions": [{"rule": "spot-alone", "reason": "a trial", "until": "soon"}]}
    },
    "a ceiling of nothing": {"policy": {"usd_per_hour": 0}},
    "a Deployment to take over without its selector": {"endpoints.chat.adopt": {"deployment": "llm"}},
    "a selector without its Deployment": {"endpoints.chat.adopt": {"selector": {"app": "llm"}}},
    "one claim for two endpoints": {
        "endpoints.chat.adopt": {"claim": "cache"},
        "endpoints.search": {**GOOD["endpoints"]["chat"], "adopt": {"claim": "cache"}},
    },
    "an object's name in capitals": {"endpoints.chat.adopt": {"service": "LLM"}},
    "yes for true": {"caches": {"protect": "yes"}},
    "EKS without its cluster": {"pools.l40s.back_end": "eks"},
    "EFA on a type without it": {**ON_EKS, "pools.l40s.instance_type": "g6e.xlarge", "pools.l40s.efa": True},
    "a capacity block without a reservation": {
        **ON_EKS,
        "pools.l40s.instance_type": "p5.48xlarge",
        "pools.l40s.capacity_type": "capacity-block",
    },
    "Karpenter's nodes without a role": {**ON_KARPENTER, "eks.karpenter_role": GONE},
    "Karpenter's nodes with no image in particular": {**ON_KARPENTER, "pools.l40s.image": "al2023@latest"},
    "Karpenter's nodes of another GPU": {**ON_KARPENTER, "pools.l40s.instance_types": ["g6e.xlarge", "p5.48xlarge"]},
    "Karpenter's nodes with a typo": {**ON_KARPENTER, "pools.l40s.instance_types": ["g6e.xlage"]},
    "a budget of Karpenter's without a duration": {
        **ON_KARPENTER,
        "pools.l40s.budgets": [{"nodes": "0", "schedule": "0 8 * * *"}],
    },
    "more GPUs than Karpenter's largest node has": {
        **ON_KARPENTER,
        "pools.l40s.instance_types": ["g6e.12xlarge"],
        "endpoints.chat.image": NANO,
        "endpoints.chat.profile": TP8,
    },
    "a group without room": {**ON_EKS, **LARGE, "pools.l40s.instance_type": "p5.48xlarge"},
    "a group in two zones": {**LARGE, "pools.l40s.instance_type": "p5.48xlarge", "pools.l40s.node_count": 2},
    "nodes too small for a stage": LARGE,
    "a domain for each replica of one node": {"endpoints.chat.exclusive_topology": "rack"},
    "several GPUs on MIG slices": {
        "endpoints.chat.image": NANO,
        "endpoints.chat.profile": TP8,
        "pools.l40s": {"back_end": "existing", "gpu": "NVIDIA-H100-80GB-HBM3-MIG-3g.40gb"},
    },
    "a MIG slice that is too small": {
        "endpoints.chat.profile": BF16,
        "pools.l40s": {"back_end": "existing", "gpu": "NVIDIA-H100-80GB-HBM3-MIG-1g.10gb"},
    },
    "the name of a zone": {**ON_EKS, "eks.subnets": {"subnet-0aaaaaaaaaaaaaaaa": "us-east-1a"}},
}

COMMON = {
    Issue.NO_COMPATIBLE_PROFILE: "no profile that runs on the GPU",
    Issue.PROFILE_NOT_FOUND: "a profile that the image does not offer",
    Issue.OUT_OF_MEMORY: "a context that does not fit",
    Issue.LORA: "adapters without the feature",
    Issue.WRONG_PROFILE: "nothing where only ids are allowed",
    Issue.IGNORED_ARGUMENT: "a variable among the arguments",
}
"""The common issues of NIM that a stack file shows, by the mistake that would bring each about. How long a start takes
shows only then: the probes' patience is computed instead."""


def changed(change: dict[str, Any]) -> dict[str, Any]:
    content = copy.deepcopy(GOOD)
    for key, value in change.items():
        *above, last = key.split(".")
        part = content
        for step in above:
            part = part.setdefault(step, {})
        if value is GONE:
            part.pop(last, None)
        else:
            part[last] = copy.deepcopy(value)
    return content


def test_the_file_that_is_made_wrong_is_right() -> None:
    assert planned_from(changed({}), ROOT, "team", FILE).endpoints[0].profile.id == FP8


@pytest.mark.parametrize("mistake", WRONG)
def test_snapshot_of_every_refusal(mistake: str, snapshot: SnapshotAssertion) -> None:
    with pytest.raises(BadStackFile) as refused:
        planned_from(changed(WRONG[mistake]), ROOT, "team", FILE)
    text = str(refused.value)
    assert text.startswith(f"{FILE}: nim:")
    assert "nvapi-made-up" not in text
    assert text == snapshot


def test_each_common_issue_that_a_stack_file_shows_has_a_refusal_of_its_own() -> None:
    texts = {}
    for issue, mistake in COMMON.items():
        with pytest.raises(BadStackFile) as refused:
            planned_from(changed(WRONG[mistake]), ROOT, "team", FILE)
        texts[issue] = str(refused.value)
    assert set(Issue) - texts.keys() == {Issue.SLOW_START}
    assert len(set(texts.values())) == len(texts)
    assert all(len(text.splitlines()) == 1 for text in texts.values())
