"""Lines by which an issue is recognised, and what to do about each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nim_profiles.diagnosis.issue import Issue


@dataclass(frozen=True, slots=True)
class Sign:
    issue: Issue
    line: re.Pattern[str]
    advice: str
    """`{name}` stands for the group of that name in `line`."""
    source: str


def _sign(issue: Issue, line: str, advice: str, source: str) -> Sign:
    return Sign(issue, re.compile(line), advice, source)


_LAUNCHER = "our launcher (docs/launcher.md)"
_NIM = "published NIM logs, read 2026-08"
_VLLM = "vLLM's sources and published logs, 0.6 to 0.32, read 2026-11"
_KUBELET = "kubelet's events and reasons, pkg/kubelet/kuberuntime of Kubernetes 1.36"

_SMALLER = "write a smaller max_model_len (or max_num_seqs) under settings, or choose a pool of GPUs with more memory"
_FREE_GPU = "end what else runs on that GPU, or write a lower gpu_memory_utilization under settings"
_OTHER_GPU = "pin a profile that runs on these GPUs, or choose a pool of other nodes"

SIGNS = (
    _sign(
        Issue.NO_COMPATIBLE_PROFILE,
        r"Could not find a profile that is currently runnable|Detected 0 compatible profile|"
        r"Could not match a profile in manifest",
        f"{_OTHER_GPU}; GPUs that something else uses count as none",
        _NIM,
    ),
    _sign(Issue.NO_COMPATIBLE_PROFILE, r"\[profile, exit 72\] no profile runs here", _OTHER_GPU, _LAUNCHER),
    _sign(
        Issue.NO_COMPATIBLE_PROFILE,
        r"\[(driver-missing|driver-fails|driver-too-old|gpu-count|gpu-product|compute-capability|mig), exit 8\d\]",
        _OTHER_GPU,
        _LAUNCHER,
    ),
    _sign(
        Issue.PROFILE_NOT_FOUND,
        r"no matching profile_id or profile description is found in manifest",
        "write under profile the bare id of one that this image has; `nim-profiles list LOCK --image IMAGE` has them",
        _NIM,
    ),
    _sign(
        Issue.PROFILE_NOT_FOUND,
        r"Unknown profiles provided: ",
        "a download takes ids and names only: write an id under profile, not default",
        _NIM,
    ),
    _sign(
        Issue.PROFILE_NOT_FOUND,
        r"\[profile, exit 72\] no profile has the id or the name",
        "write under profile an id of the manifest that was locked: `nim-profiles list LOCK --image IMAGE`",
        _LAUNCHER,
    ),
    _sign(
        Issue.OUT_OF_MEMORY,
        r"exceeds available GPU memory.*--max-model-len=(?P<length>\d+)",
        "write max_model_len: {length} under settings",
        _NIM,
    ),
    _sign(
        Issue.OUT_OF_MEMORY,
        r"estimated maximum model length is (?P<length>[1-9]\d*)",
        "write max_model_len: {length} under settings, or choose a pool of GPUs with more memory",
        _VLLM,
    ),
    _sign(
        Issue.OUT_OF_MEMORY,
        r"max seq len \(\d+\) is larger than the maximum number of tokens that can be stored in KV cache "
        r"\((?P<length>[1-9]\d*)\)",
        "write max_model_len: {length} under settings, or choose a pool of GPUs with more memory",
        _VLLM,
    ),
    _sign(Issue.OUT_OF_MEMORY, r"on startup is less than desired GPU memory utilization", _FREE_GPU, _VLLM),
    _sign(Issue.OUT_OF_MEMORY, r"\[gpu-occupied, exit 87\]", _FREE_GPU, _LAUNCHER),
    _sign(Issue.OUT_OF_MEMORY, r"\[gpu-memory, exit 86\]", _SMALLER, _LAUNCHER),
    _sign(
        Issue.OUT_OF_MEMORY,
        r"CUDA out of memory|No available memory for the cache blocks|larger than the available KV cache memory|"
        r"exceeds available GPU memory",
        _SMALLER,
        _VLLM,
    ),
    _sign(
        Issue.OUT_OF_MEMORY,
        r"Available memory on node \d+ .* on (startup|kv cache allocation) is less than",
        "say by --kv-cache-memory-bytes under args how large the cache of tokens shall be, or raise "
        "processors.memory_gib of its pool",
        _VLLM,
    ),
    _sign(
        Issue.OUT_OF_MEMORY,
        r"\bOOMKilled\b",
        "the kernel ended it for want of memory of the host, not of a GPU: raise processors.memory_gib of its pool, or "
        "choose nodes with more memory",
        _KUBELET,
    ),
    _sign(
        Issue.LORA,
        r"LoRA rank (?P<rank>\d+) is greater than max_lora_rank",
        "write max_rank: {rank} or more under lora",
        _VLLM,
    ),
    _sign(
        Issue.LORA,
        r"NIM_PEFT_SOURCE is .*(no folder in it has an adapter_config\.json|cannot be read)",
        "let lora.source name the volume whose top folders are the adapters, each with its adapter_config.json",
        _LAUNCHER,
    ),
    _sign(
        Issue.LORA,
        r"Loading lora \S+ failed|No adapter found for ",
        "look into the adapter's folder: adapter_config.json and adapter_model.safetensors, made for this base model",
        _VLLM,
    ),
    _sign(
        Issue.SLOW_START,
        r"failed startup probe, will be restarted",
        "lower start_up.download_megabytes_per_second and start_up.disk_megabytes_per_second to what is reached here, "
        "or raise start_up.fixed_seconds; the probe's patience is computed from them",
        _KUBELET,
    ),
    _sign(
        Issue.IGNORED_ARGUMENT,
        r"note: (?P<name>NIM_\w+) does nothing in this launcher",
        "take {name} out of env: docs/launcher.md lists what is read; options of vLLM go under args or settings",
        _LAUNCHER,
    ),
    _sign(
        Issue.IGNORED_ARGUMENT,
        # The image's own build variables are no mistake of anybody's.
        r"Unknown vLLM environment variable detected: (?P<name>(?!VLLM_(BUILD_|IMAGE_TAG))\w+)",
        "take {name} out of env: this vLLM does not read it; many became options, which go under args",
        _VLLM,
    ),
    _sign(
        Issue.IGNORED_ARGUMENT,
        r"clamping gpu_memory_utilization (?P<asked>[\d.]+) -> (?P<got>[\d.]+)",
        "{asked} was asked for and {got} is used: write {got} under settings.gpu_memory_utilization, so that what is "
        "estimated is what runs, or end what else uses that GPU",
        _NIM,
    ),
)
"""Per issue the most telling first: only the first of an issue that is found is told."""

CHOSEN = re.compile(
    r"(?:Matched profile_id in manifest from .*?|Using the profile selected by the profile selector: |"
    r"Selected profile: |nim-launcher: profile )(?P<id>[0-9a-f]{64})"
)
"""Which profile runs: NIM's logs (1.x at INFO, 2.x below WARNING), and our launcher's."""
BANNER_PRECISION = re.compile(r"\bPrecision:\s*(\w+)")
BANNER_SPLIT = re.compile(r"\bTP/PP:\s*(\d+)/(\d+)")
"""Of the 2.x banner, which alone is printed at the default log level."""
LORA_OFF = re.compile(r"supports LoRA, but LoRA is disabled|Running NIM without LoRA")
"""Usual (1.x), unless a LoRA profile should run."""
PROGRESS = re.compile(
    r"Loading (safetensors )?checkpoint shards|Downloaded filename:|might download additional files|"
    r"torch\.compile|Capturing CUDA graphs|trtllm_buildable|nim-launcher: \d+/\d+ "
)
"""A start under way: NIM (listings, logs of 1.x), vLLM, our launcher's download."""
SETTINGS_DUMP = re.compile(r"non-default args: (\{.*)")
"""vLLM, once it has read its command line: a Python dict."""


def signs_in(lines: list[str], issue: Issue) -> Iterator[tuple[str, str]]:
    """(line, advice) of an issue, the most telling first."""
    for sign in SIGNS:
        if sign.issue is issue:
            for line in lines:
                if found := sign.line.search(line):
                    yield line, sign.advice.format(**found.groupdict())
