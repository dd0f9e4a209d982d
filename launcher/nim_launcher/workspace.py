"""The weights of a profile in the cache: where they are, and whether all of them are."""

from pathlib import Path, PurePosixPath

from nim_launcher.refusal import ExitCode, refuse
from nim_profiles.profile import Artifact, Profile
from nim_profiles.units import gib


def workspace_key(profile: Profile) -> str:
    """Folder name: profiles of one workspace hash share one download."""
    return profile.workspace_hash if profile.workspace_hash and profile.workspace_hash.isalnum() else profile.id


def workspace_folder(cache: Path, profile: Profile) -> Path:
    return cache / "workspaces" / workspace_key(profile)


def safe_path(folder: Path, artifact: Artifact) -> Path:
    """Where an artifact belongs. Raises Refused for a path that leads out of the folder."""
    relative = PurePosixPath(artifact.path)
    if relative.is_absolute() or ".." in relative.parts or not relative.parts:
        raise refuse(
            ExitCode.MANIFEST, f"the manifest has a file {artifact.path!r}, which leads out of the cache. Mend it"
        )
    return folder / relative


def missing(folder: Path, profile: Profile) -> tuple[str, ...]:
    """Files that are absent or have another size than the manifest says, one phrase each. Reads no contents."""
    found = []
    for artifact in profile.artifacts:
        path = safe_path(folder, artifact)
        size = path.stat().st_size if path.is_file() else None
        if size is None:
            found.append(artifact.path)
        elif artifact.size_bytes is not None and size != artifact.size_bytes:
            found.append(f"{artifact.path} ({size} of {artifact.size_bytes} bytes)")
    return tuple(found)


def model_of(profile: Profile, cache: Path, override: str | None) -> str:
    """What vLLM's `--model` is: `override`, else the profile's folder in the cache, complete. Raises Refused."""
    if override:
        return override
    if not profile.artifacts:
        raise refuse(ExitCode.WEIGHTS, f"the manifest gives {profile.name} no files. Set NIM_MODEL_PATH to its weights")
    folder = workspace_folder(cache, profile)
    if lacking := missing(folder, profile):
        more = f" and {len(lacking) - 3} more" if len(lacking) > 3 else ""
        raise refuse(
            ExitCode.WEIGHTS,
            f"{folder} lacks {len(lacking)} of {len(profile.artifacts)} files: {', '.join(lacking[:3])}{more}. "
            f"Run download-to-cache --profile {profile.id} first, or set NIM_MODEL_PATH",
        )
    return str(folder)


def require_room(folder: Path, needed_bytes: int, free_bytes: int) -> None:
    """Raises Refused where a download cannot fit."""
    if needed_bytes > free_bytes:
        raise refuse(
            ExitCode.DOWNLOAD,
            f"{folder} has {gib(free_bytes)} free, the download needs {gib(needed_bytes)}. Use a larger volume",
        )
