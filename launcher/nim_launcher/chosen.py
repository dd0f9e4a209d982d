"""From manifest and wish to one profile."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nim_launcher.gpu_check import needs_gpus
from nim_launcher.gpus import Machine
from nim_launcher.refusal import ExitCode, Fault, Refused, refuse
from nim_profiles.manifest import BadManifest, Manifest, read_manifest
from nim_profiles.profile import Profile
from nim_profiles.profile_id import profile_id
from nim_profiles.selection import Incompatible, Refusal, find, select

MANIFEST_NAME = "model_manifest.yaml"


def manifest_path(environ: Mapping[str, str], program: Path) -> Path:
    """`program` is the zip application, or what was run instead of it."""
    return Path(environ.get("NIM_LAUNCHER_MANIFEST") or program.resolve().parent / MANIFEST_NAME)


def manifest_of(path: Path) -> Manifest:
    """Raises Refused with every fault of the manifest."""
    try:
        return read_manifest(path)
    except BadManifest as error:
        raise Refused([Fault(ExitCode.MANIFEST, fault) for fault in error.faults]) from None
    except OSError as error:
        raise refuse(
            ExitCode.MANIFEST,
            f"{path} cannot be read: {error.strerror}. Mount the manifest there, or set NIM_LAUNCHER_MANIFEST",
        ) from None


@dataclass(frozen=True, slots=True)
class Choice:
    profile: Profile
    reason: str
    notes: tuple[str, ...]


def choose(manifest: Manifest, wanted: str | None, machine: Machine | None, *, any_gpu: bool = False) -> Choice:
    """The profile asked for, or the best that runs on `machine`; None is a machine without GPUs.

    A profile that is named is not measured against the GPUs here: that is `gpu_check`, which says more.
    `any_gpu` leaves GPUs out of the question altogether. Raises Refused.
    """
    profiles = manifest.profiles
    loose = wanted is None or wanted.strip().lower() == "default"
    gpu = machine.gpus[0].gpu if machine and machine.gpus and loose else None
    count = len(machine.gpus) if machine and loose else None
    if loose and not any_gpu:
        profiles = tuple(profile for profile in profiles if needs_gpus(profile) == bool(machine and machine.gpus))
    try:
        if not loose:
            find(profiles, wanted or "")  # says what is wrong with the wish, before anything else is
        found = select(profiles, wanted, gpu, count)
    except Incompatible as error:
        lines = [f"{profile.name}: {'; '.join(why)}" for profile, why in error.gaps.items()]
        said = "; ".join(lines) or "none of the manifest's profiles is for " + ("GPUs" if machine else "CPUs")
        raise refuse(ExitCode.PROFILE, f"no profile runs here: {said}. Pin one that does") from None
    except Refusal as error:
        raise refuse(ExitCode.PROFILE, str(error).replace(":\n", ": ").replace("\n", "; ")) from None
    return Choice(found.profile, str(found.reason), (*found.warnings, *_id_note(found.profile)))


def _id_note(profile: Profile) -> tuple[str, ...]:
    """Whether the id is the hash of the tags. Never a refusal: below NIM 1.3 it is not."""
    try:
        hashed = profile_id(profile.tags)
    except ModuleNotFoundError:
        return (f"id not checked against its tags: {sys.executable} has no blake3",)
    return () if hashed == profile.id else (f"the id is not the hash of the tags, which would be {hashed}",)
