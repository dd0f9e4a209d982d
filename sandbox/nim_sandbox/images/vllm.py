"""The serving image: vLLM on CPUs, on the base image, in 2.3 GB instead of the 6.2 GB that PyPI's wheels take.

PyPI has PyTorch for x86-64 only with CUDA. Its own CUDA parts stay; NVIDIA's libraries behind them, which nothing calls
on a CPU, are replaced by empty ones, and debugging information is cut off.
"""

import platform
import shutil
import sys
from pathlib import Path

from uv import find_uv_bin

from nim_profiles.manifest import Manifest
from nim_sandbox.build import run_with_progress
from nim_sandbox.cache import Cache
from nim_sandbox.images import base, debian, elf
from nim_sandbox.images.layout import ImageConfig, write_layout
from nim_sandbox.images.recipe import Recipe, Report, source_of
from nim_sandbox.images.tiny_llama import cpu_manifest, model_files
from nim_sandbox.images.tree import tree_of

PACKAGES = Path(__file__).parent / "vllm.txt"
"""Written by `tools/vllm_packages.py`."""
REFERENCE = "sandbox.local/vllm/vllm-cpu:v0.32.0"
"""The tag begins like those of vLLM's own images, by which settings are checked."""
EMPTY = (
    "libcublas.so.13",
    "libcublasLt.so.13",
    "libcudnn.so.9",
    "libcufft.so.12",
    "libcufile.so.0",
    "libcupti.so.13",
    "libcurand.so.10",
    "libcusparse.so.12",
    "libcusparseLt.so.0",
    "libnccl.so.2",
    "libnvrtc.so.13",
)
"""What torch 2.13.0 links against beside libcudart and libnvshmem_host, which it needs for data (`readelf -d -r`)."""
UNUSED = ("torch/include", "torch/bin/protoc*", "torch/lib/libtorch_cuda_linalg.so", "nvidia/**/*.a")
"""For building extensions, and for GPUs."""
LAZILY = "import os, sys; sys.setdlopenflags(os.RTLD_LAZY)\n"
"""For a `.pth` file: functions are looked for when they are called, not when a library is loaded."""
ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "HOME": "/home/nim",
    "PATH": "/usr/local/bin:/usr/bin",
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",  # a pod may not choose its processors
    "VLLM_NO_USAGE_STATS": "1",
}


def manifest() -> Manifest:
    return cpu_manifest(model_files())


def _build(folder: Path, work: Path, report: Report) -> None:
    below = base.recipe().layout(Cache.of(), report)
    root, tree = base.root_of(below), work / "tree"
    version = debian.python_version(root)
    site = tree / f"usr/local/lib/python{version}/dist-packages"
    report("installing vLLM from PyPI, usually 3 min")
    _install(site, version, work, report)
    trim(site)
    report("compiling vLLM to byte code, usually 2 min")
    debian.compile_all(root, tree, work, report)
    report("writing the image")
    entry = ("/usr/bin/python3", "-m", "vllm.entrypoints.openai.api_server")
    write_layout(folder, REFERENCE, [below, tree_of(tree)], ImageConfig(entry, ENVIRONMENT))


def _install(site: Path, python_version: str, work: Path, report: Report) -> None:
    """For the Python of the image, by a Python of this machine."""
    words = ["--python", sys.executable, "--python-version", python_version, "--target", str(site)]
    exactly = ["--no-deps", "--only-binary", ":all:", "--link-mode", "copy", "--requirements", str(PACKAGES)]
    run_with_progress([find_uv_bin(), "pip", "install", *words, *exactly], {}, work, "PyPI", report)


def trim(site: Path) -> None:
    """Leaves what vLLM needs on a CPU."""
    for pattern in UNUSED:
        for path in [*site.glob(pattern)]:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in [*site.rglob("*.so"), *site.rglob("*.so.*")]:
        if not path.is_symlink():
            path.write_bytes(elf.without_sections(path.read_bytes()))
    libraries = site / "torch/lib"
    if (libraries / "libtorch_cuda.so").exists():
        for name in EMPTY:
            (libraries / name).write_bytes(elf.empty_library(name, platform.machine()))
        (site / "empty_libraries.pth").write_text(LAZILY)


def recipe() -> Recipe:
    inputs = base.recipe().inputs + PACKAGES.read_bytes() + source_of((sys.modules[__name__], elf))
    return Recipe(REFERENCE, inputs, _build)
