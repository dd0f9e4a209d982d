from nim_profiles.listing import ListedGpu, Status, parse_listing
from nim_profiles.listing_text import listing_text
from nim_profiles.profile import Profile

GPUS = (
    ListedGpu("26b9:10de", 0, "NVIDIA L40S", free=True, utilization_percent=0),
    ListedGpu("26b9:10de", 1, "NVIDIA L40S", free=False, utilization_percent=None),
)


def profile(digit: str, name: str, **tags: str) -> Profile:
    return Profile(digit * 64, name, tags)


PROFILES = {
    Status.COMPATIBLE: (
        profile("b", "vllm-fp8-tp1-pp1-feat_lora-34.0", feat_lora="true", min_vram_per_device_gb="34.0"),
        profile("a", "vllm-fp8-tp1-pp1-34.0", min_vram_per_device_gb="34.0"),
    ),
    Status.LOW_MEMORY: (profile("c", "vllm-bf16-tp1-pp1-63.0", min_vram_per_device_gb="63.0"),),
    Status.INCOMPATIBLE: (profile("d", "vllm-bf16-tp2-pp1"),),
}


def test_a_listing_is_written_as_nim_prints_it() -> None:
    assert listing_text(GPUS, PROFILES).splitlines() == [
        "SYSTEM INFO",
        "- Free GPUs:",
        "  -  [26b9:10de] (0) NVIDIA L40S [current utilization: 0%]",
        "- Non-free GPUs:",
        "  -  [26b9:10de] (1) NVIDIA L40S [current utilization: N/A%]",
        "MODEL PROFILES",
        "- Compatible with system and runnable:",
        f"  - {'a' * 64} (vllm-fp8-tp1-pp1-34.0) [requires >=34 GB/gpu]",
        "  - With LoRA support:",
        f"    - {'b' * 64} (vllm-fp8-tp1-pp1-feat_lora-34.0) [requires >=34 GB/gpu]",
        "- Compatible with system but low memory:",
        f"    - {'c' * 64} (vllm-bf16-tp1-pp1-63.0) [requires >=63 GB/gpu]",
        "- Incompatible with system:",
        f"    - {'d' * 64} (vllm-bf16-tp2-pp1)",
    ]


def test_what_is_written_reads_back() -> None:
    read = parse_listing(listing_text(GPUS, PROFILES))
    assert read.gpus == GPUS
    assert {row.id[0]: row.status for row in read.rows} == {
        "a": Status.COMPATIBLE,
        "b": Status.COMPATIBLE,
        "c": Status.LOW_MEMORY,
        "d": Status.INCOMPATIBLE,
    }


def test_a_machine_without_gpus_runs_nothing() -> None:
    assert listing_text((), {}).splitlines() == [
        "SYSTEM INFO",
        "- Free GPUs: <None>",
        "MODEL PROFILES",
        "- Compatible with system and runnable: <None>",
    ]
