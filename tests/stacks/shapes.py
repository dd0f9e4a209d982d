"""Every shape of endpoint, as a stack file would ask for it, and a lock file that has them."""

import re
from functools import cache
from typing import Any

import yaml

from nim_profiles.lock import Lock
from nim_profiles.locked_image import LockedImage, LockedProfile, Origin
from nim_profiles.profile_id import profile_id
from pulumi_nim.labels import LAUNCHER_ANNOTATION
from stacks.deploy import deploy
from stacks.planning import make_plan
from stacks.selected import ROOT
from tests.recording import record
from tests.stacks.test_wrong_stack_files import FP8, FP8_LORA, LLAMA, NANO, TP8

FILE = "stacks/Pulumi.shapes.yaml"
VISION_REFERENCE = "nvcr.io/nim/meta/llama-3.2-11b-vision-instruct:1.1.1"
_TAGS = {"feat_lora": "false", "llm_engine": "vllm", "pp": "1", "precision": "bf16", "tp": "1"}
BF16_1 = profile_id(_TAGS)
_DIGEST = "4" * 64
_VISION = LockedImage(
    digest=f"sha256:{_DIGEST}",
    source=Origin(kind="listing", sha256=_DIGEST),
    model="meta/llama-3.2-11b-vision-instruct",
    profiles=(LockedProfile(id=BF16_1, name="vllm-bf16-tp1-pp1", tags=_TAGS, tags_complete=True),),
)
LOCK = Lock.read(ROOT / "stacks/nim.lock.yaml").with_image(VISION_REFERENCE, _VISION)
"""The shipped one, and an image of the 1.x family for vision models, made up but for its name."""

NANO_FP8 = "8c91cce84b9b032ff4af489cb1a20395e223af35623010df9155390ab2284b7a"
LLAMA_405B = (
    "nvcr.io/nim/meta/llama-3.1-405b-instruct:2.0.6"
    "@sha256:75bc3da6912f961b6a9a8cb22390c1ce226e7f7feceef2a74b4373e250b9ab9d"
)
TP8_PP2 = "d76d071337649e018680725e4ad3063d3515ab3b5aeccd258d435d83b9828fbf"
PINNED = {"image": LLAMA, "profile": FP8, "pool": "l40s"}
ADAPTERS = [{"name": "sql", "rank": 32, "size_mib": 320}]
VOLUME = {"driver": "bucket.csi.example.com", "attributes": {"bucket": "models-example"}}
FETCH = {"image": f"registry.example.com/fetch:1@sha256:{_DIGEST}", "command": ["fetch"], "env": {"AREA": "eu"}}
_LORA = {**PINNED, "profile": FP8_LORA}
_VISION_1 = {"image": f"{VISION_REFERENCE}@sha256:{_DIGEST}", "profile": BF16_1, "pool": "l40s"}

EARLIER_CACHE = "cache-b0f4287bb3"
"""What follows the endpoint's name in that of the claim for the same model in bf16."""

SHAPES: dict[str, dict[str, Any]] = {
    "pinned": PINNED,
    "sized": {
        **PINNED,
        "replicas": 2,
        "gpu_count": 1,
        "cache_gib": 50,
        "rollout": "drain",
        "vllm_version": "0.32.0",
        "settings": {"max_num_seqs": 8},
    },
    "on-the-way": {**PINNED, "keep_caches": [f"chat-{EARLIER_CACHE}"], "list_profiles": True, "check": False},
    "default": {**PINNED, "profile": "default"},
    "automatic": {key: value for key, value in PINNED.items() if key != "profile"},
    "tensor-parallel": {"image": NANO, "profile": TP8, "pool": "h100"},
    "several-nodes": {
        "image": LLAMA_405B,
        "profile": TP8_PP2,
        "pool": "h100-pair",
        "exclusive_topology": "topology.kubernetes.io/zone",
    },
    "plain-vllm": {
        **PINNED,
        "engine": "vllm",
        "image": "vllm/vllm-openai:v0.21.0@sha256:9b9e5d906a2c5f5e2e62e71274274fcf7338df8660497166cc9066a06af53477",
        "env": {"NIM_REPOSITORY_OVERRIDE": "http://mirror.models.svc/{workspace}"},
    },
    "low-memory": {
        **PINNED,
        "settings": {
            "max_model_len": 32768,
            "max_num_seqs": 32,
            "max_num_batched_tokens": 4096,
            "gpu_memory_utilization": 0.85,
            "kv_cache_dtype": "fp8",
            "enforce_eager": True,
        },
    },
    "arguments": {
        "image": NANO,
        "profile": NANO_FP8,
        "pool": "l40s",
        "args": ["--seed=0"],
        "settings": {"max_num_seqs": 8},
    },
    "lora-claim": {**_LORA, "lora": {"adapters": ADAPTERS, "source": {"claim": "adapters"}, "max_rank": 64}},
    "lora-volume": {
        **_LORA,
        "lora": {
            "adapters": ADAPTERS,
            "source": {"volume": VOLUME},
            "refresh_seconds": 60,
            "max_gpu_loras": 2,
            "max_cpu_loras": 4,
        },
    },
    "lora-fetch": {**_LORA, "lora": {"adapters": ADAPTERS, "source": {"fetch": FETCH}}},
    "observed": {
        **PINNED,
        "port": 9000,
        "telemetry": {"collector": "http://collector.observability.svc:4317", "service_name": "chat"},
        "request_logging": {"reason": "INC-7"},
        "env": {"NIM_LOG_LEVEL": "DEBUG"},
        "pod_annotations": {"team.example.com/owner": "models"},
    },
    "vision": {
        **_VISION_1,
        "settings": {"max_model_len": 8192},
        "vision_kv": {
            "input_tokens": 2000,
            "output_tokens": 200,
            "image_request_fraction": 0.5,
            "image_size_ratio": 0.8,
        },
        "telemetry": {"collector": "http://collector.observability.svc:4317"},
    },
    "taken-over": {
        **PINNED,
        "adopt": {"deployment": "old", "selector": {"app": "old"}, "service": "front", "claim": "weights"},
    },
    "unsafe": {**_VISION_1, "unsafe_profile": {"reason": "a trial"}, "request_logging": {"reason": "INC-7"}},
}


def stack_of(shapes: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The content of a stack file with these endpoints on nodes of eight GPUs."""
    pools = {
        "l40s": {"back_end": "simulated", "instance_type": "g6e.48xlarge", "node_count": 2},
        "h100": {"back_end": "simulated", "instance_type": "p5.48xlarge"},
        "h100-pair": {
            "back_end": "simulated",
            "instance_type": "p5.48xlarge",
            "node_count": 2,
            "zones": ["sandbox-a"],
        },
    }
    return {
        "cluster": {"sandbox": "shapes"},
        "needs_ngc_key": False,
        "caches": {"protect": False},
        "profile_selection": ["id", "name", "default", "automatic"],
        "pools": pools,
        "endpoints": shapes,
    }


@cache
def rendered(shape: str) -> str:
    """Claims, workload, Service and Jobs of an endpoint `chat` of this shape, as YAML: all that the cluster gets."""
    plan = make_plan(stack_of({"chat": SHAPES[shape]}), LOCK, ROOT / "stacks", stack="shapes", file=FILE)
    kinds = ("Deployment", "Job", "LeaderWorkerSet", "PersistentVolumeClaim", "Service")
    asked = [one for one in record(lambda: deploy(plan)).resources if one.type.rsplit(":", 1)[-1] in kinds]
    documents = [one.inputs for one in sorted(asked, key=lambda one: (one.type, one.name))]
    text = yaml.safe_dump_all(documents, sort_keys=True, width=1000)
    return re.sub(rf"({LAUNCHER_ANNOTATION}): [0-9a-f]+", r"\1: <digest>", text)  # changes with every line of it
