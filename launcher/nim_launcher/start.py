"""Become vLLM with the pinned profile, or say in one line each why not."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import nim_launcher
from nim_launcher.chosen import Choice, choose, manifest_of, manifest_path
from nim_launcher.engine import Engine, find_engine, image_cuda
from nim_launcher.gpu_check import Wish, check, needs_gpus
from nim_launcher.gpus import Machine, read_machine
from nim_launcher.plan import Settings, length_hint, settle, start_plan
from nim_launcher.refusal import ExitCode, Refused, refuse
from nim_launcher.workspace import model_of
from nim_profiles.manifest import Manifest
from nim_profiles.profile import Profile
from nim_profiles.vllm_args import options_for

CACHE = "/opt/nim/.cache"


@dataclass(frozen=True, slots=True)
class Ready:
    """Checked, and good to start."""

    manifest: Manifest
    choice: Choice
    settings: Settings
    engine: Engine


def our_path() -> Path:
    """What must be on Python's path to find this package: the zip application, or the folder it is installed in."""
    return Path(nim_launcher.__file__ or "").resolve().parents[1]


def cache_path(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("NIM_CACHE_PATH") or CACHE)


def say(line: str) -> None:
    print(f"nim-launcher: {line}", file=sys.stderr, flush=True)


def prepare(environ: Mapping[str, str], arguments: Sequence[str]) -> Ready:
    """Everything but the weights. Raises Refused."""
    manifest = manifest_of(manifest_path(environ, our_path()))
    choice, machine = pick(manifest, environ)
    engine = find_engine()
    options = options_for(engine.version)
    settings = settle(choice.profile, manifest, environ, arguments, options)
    notes = [*choice.notes, *settings.notes]
    if machine is not None and needs_gpus(choice.profile):
        notes += require_gpus(choice.profile, machine, settings, environ)
    if settings.node.needs_serve and not engine.positional_model:
        raise refuse(
            ExitCode.ENGINE,
            "a worker of vLLM's own multi-node launch needs the command `vllm serve`, which is not here. Use a vLLM "
            "image, or set NIM_LAUNCHER_MULTI_NODE=ray",
        )
    say(f"profile {choice.profile.id} ({choice.profile.name}): {choice.reason}")
    for note in notes:
        say(f"note: {note}")
    return Ready(manifest, choice, settings, engine)


def require_gpus(profile: Profile, machine: Machine, settings: Settings, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Notes on the GPUs. Raises Refused with everything that speaks against them."""
    wish = Wish(
        profile=profile,
        gpu_count=settings.node.gpu_count,
        memory_fraction=settings.memory_fraction,
        shortened=settings.shortened,
        cuda_version=image_cuda(environ.get("CUDA_VERSION")),
        compatibility_libraries=_has_compatibility_libraries(environ),
    )
    verdict = check(wish, machine)
    if verdict.faults:
        raise Refused(verdict.faults)
    return verdict.notes


def pick(manifest: Manifest, environ: Mapping[str, str], *, measure: bool = True) -> tuple[Choice, Machine | None]:
    """The profile, and the machine where it has to be checked: not for CPU profiles, and not if the check is off.

    Without `measure` the driver is asked only where nobody names a profile.
    """
    wanted = environ.get("NIM_MODEL_PROFILE")
    if environ.get("NIM_LAUNCHER_GPU_CHECK", "").lower() == "off":
        return choose(manifest, wanted, None, any_gpu=True), None
    loose = wanted is None or wanted.strip().lower() == "default"
    if not loose:
        choice = choose(manifest, wanted, None)
        return choice, machine_of(environ) if measure and needs_gpus(choice.profile) else None
    if not any(needs_gpus(profile) for profile in manifest.profiles):
        return choose(manifest, wanted, None), None
    try:
        machine = machine_of(environ)
    except Refused as refused:
        if refused.code is not ExitCode.DRIVER_MISSING or all(map(needs_gpus, manifest.profiles)):
            raise
        return choose(manifest, wanted, None), None
    return choose(manifest, wanted, machine), machine


def machine_of(environ: Mapping[str, str]) -> Machine:
    from nim_launcher.nvml import load  # noqa: PLC0415 - the slowest import of all, and CPU profiles do without

    return read_machine(load(), environ)


def _has_compatibility_libraries(environ: Mapping[str, str]) -> bool:
    asked = environ.get("VLLM_ENABLE_CUDA_COMPATIBILITY", "").lower() in {"1", "true"}
    return asked or "compat" in environ.get("LD_LIBRARY_PATH", "")


def start(environ: Mapping[str, str], arguments: Sequence[str]) -> NoReturn:
    """Does not come back: the process is vLLM afterwards, with its signals, exit codes and id. Raises Refused."""
    ready = prepare(environ, arguments)
    profile = ready.choice.profile
    model = model_of(profile, cache_path(environ), ready.settings.model)
    python_path = environ.get("PYTHONPATH", "")
    plan = start_plan(profile, ready.manifest, ready.settings, model, ready.engine, our_path(), python_path)
    for line in plan.table.splitlines():
        say(line)
    if hint := length_hint(ready.settings, model):
        say(hint)
    if plan.before:
        _run_before(plan.before)
    say(f"exec {plan.command[0]} of vLLM {ready.engine.version}")
    try:
        os.execvpe(plan.command[0], plan.command, {**environ, **plan.environment})
    except OSError as error:
        raise refuse(ExitCode.ENGINE, f"{plan.command[0]} cannot be started: {error.strerror}") from None


def _run_before(command: Sequence[str]) -> None:
    import subprocess  # noqa: PLC0415 - for several nodes only

    try:
        done = subprocess.run(command, check=False)
    except OSError as error:
        raise refuse(ExitCode.ENGINE, f"{command[0]} cannot be started: {error.strerror}") from None
    if done.returncode:
        raise refuse(ExitCode.ENGINE, f"{' '.join(command)} ended with {done.returncode}")
