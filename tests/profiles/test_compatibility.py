"""What a profile lacks on a GPU."""

import pytest

from nim_profiles.compatibility import hardware_gaps, is_built_for, memory_gap
from nim_profiles.gpu import Gpu, processors
from nim_profiles.instance import catalogue
from nim_profiles.profile import Profile

GPUS = {kind.gpu.product: kind.gpu for kind in catalogue().values()}
L40S = GPUS["NVIDIA-L40S"]


def profile(**tags: str) -> Profile:
    return Profile("a" * 64, "name", {"llm_engine": "vllm", **tags})


@pytest.mark.parametrize(
    ("word", "product"),
    [
        ("a100", "NVIDIA-A100-SXM4-80GB"),
        ("A100_SXM4_40GB", "NVIDIA-A100-SXM4-40GB"),
        ("a10g", "NVIDIA-A10G"),
        ("b200", "NVIDIA-B200"),
        ("H100", "NVIDIA-H100-80GB-HBM3"),
        ("nvidia-h200", "NVIDIA-H200"),
        ("l40s", "NVIDIA-L40S"),
        ("rtx6000_blackwell_sv", "NVIDIA-RTX-PRO-6000-Blackwell-Server-Edition"),
    ],
)
def test_a_gpu_word_means_one_product_of_the_catalogue(word: str, product: str) -> None:
    assert [name for name, gpu in GPUS.items() if is_built_for(word, gpu)] == [product]


def test_h100_nvl_is_another_gpu_than_h100() -> None:
    assert not is_built_for("h100_nvl", GPUS["NVIDIA-H100-80GB-HBM3"])
    assert is_built_for("h100_nvl", Gpu("NVIDIA-H100-NVL", "H100 NVL", 1, (9, 0), "Hopper"))


@pytest.mark.parametrize(
    ("precision", "products"),
    [
        ("fp8", {"L40S", "L4", "H100", "H200", "B200", "B300", "RTX PRO 4500", "RTX PRO Server 6000"}),
        ("nvfp4", {"B200", "B300", "RTX PRO 4500", "RTX PRO Server 6000"}),
        ("fp16", {gpu.short_name for gpu in GPUS.values()} - {"V100"}),
    ],
)
def test_a_precision_runs_from_its_compute_capability_on(precision: str, products: set[str]) -> None:
    assert {g.short_name for g in GPUS.values() if not hardware_gaps(profile(precision=precision), g)} == products


def test_every_gap_is_told() -> None:
    assert hardware_gaps(profile(precision="nvfp4", gpu="b200", tp="8"), L40S, 4) == (
        "is built for b200, not for NVIDIA-L40S",
        "nvfp4 needs compute capability 10.0, NVIDIA-L40S has 8.9",
        "needs 8 GPUs, there are 4",
    )


def test_a_profile_for_processors_asks_for_no_compute_capability() -> None:
    assert hardware_gaps(profile(precision="bf16", gpu="cpu"), processors(1)) == ()
    assert hardware_gaps(profile(precision="bf16"), processors(1)) == (
        "bf16 needs compute capability 8.0, cpu has 0.0",
    )


def test_memory_is_compared_with_what_the_gpu_really_has() -> None:
    assert memory_gap(profile(min_vram_per_device_gb="47.0"), L40S) is None
    assert memory_gap(profile(min_vram_per_device_gb="48.0"), L40S) == (
        "needs 44.7 GiB a GPU (48 GB), NVIDIA-L40S has 44.7 GiB"
    )


def test_what_is_not_known_is_no_gap() -> None:
    assert hardware_gaps(profile(precision="nvfp4", gpu="b200"), None) == ()
    assert memory_gap(profile(), L40S) is None
