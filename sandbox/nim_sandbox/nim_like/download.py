"""Filling the cache: NIM's layout below `ngc/hub`, a file under its name only when it is whole."""

import argparse
import hashlib
import shutil
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

from nim_profiles.profile import Artifact, Profile
from nim_profiles.selection import Incompatible, Refusal, find, select
from nim_sandbox.nim_like.container import Container, Ends

TIMEOUT_SECONDS = 60


def snapshot(container: Container, profile: Profile) -> Path:
    """The folder from which a profile is served."""
    model = f"models--nim--{(container.manifest.model or 'model').replace('/', '--')}"
    return container.cache / "ngc" / "hub" / model / "snapshots" / (profile.workspace_hash or profile.id)[:12]


def ensure(container: Container, profile: Profile, log: Callable[[str], None]) -> Path:
    """The folder with every file of `profile`, downloaded where it lacks one. Raises Ends."""
    folder = snapshot(container, profile)
    missing = [one for one in profile.artifacts if not _is_whole(folder / one.path, one)]
    if missing and not container.may_download:
        raise Ends(f"Model download failed: NIM_DISABLE_MODEL_DOWNLOAD is set and the cache lacks {missing[0].path}")
    if missing and container.needs_key and not container.api_key:
        raise Ends("Authentication Error: The environment variable NGC_API_KEY is not set.")
    for artifact in missing:
        try:
            _fetch(container.source, artifact, folder / artifact.path)
        except OSError as error:
            raise Ends(f"Model download failed: {artifact.path}: {error}") from None
        log(f"Downloaded filename: {artifact.path} to blob: {str(folder / artifact.path)!r}")
    return folder


def _is_whole(path: Path, artifact: Artifact) -> bool:
    return path.is_file() and path.stat().st_size == artifact.size_bytes


def _fetch(source: str, artifact: Artifact, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    partial = place.with_name(f"{place.name}.part")
    with closing(_open(source, artifact.path)) as file, partial.open("wb") as out:
        shutil.copyfileobj(file, out)
    if f"sha256:{hashlib.sha256(partial.read_bytes()).hexdigest()}" != artifact.checksum:
        partial.unlink()
        raise OSError("checksum mismatch")
    partial.replace(place)


def _open(source: str, path: str) -> Any:  # Any: a file, or a response, which is none in name
    if source.startswith(("http://", "https://")):
        return urlopen(f"{source}/{quote(path)}", timeout=TIMEOUT_SECONDS)  # noqa: S310 - the scheme was looked at
    return (Path(source) / path).open("rb")


def download_to_cache(container: Container, arguments: Sequence[str], log: Callable[[str], None]) -> None:
    """The command. Without a choice it takes the best profile for the GPU, and so needs one. Raises Ends."""
    parser = argparse.ArgumentParser("download-to-cache")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--all", action="store_true")
    which.add_argument("--profile", "--profiles", "-p", nargs="+", default=[], dest="profiles")
    parser.add_argument("--lora", action="store_true", help="with a LoRA profile (1.x)")
    given = parser.parse_args(arguments)
    profiles = [one for one in container.manifest.profiles if one.lora or not given.lora]
    if not given.all:
        profiles = _asked(profiles, given.profiles) if given.profiles else [_best(container, profiles)]
    for profile in profiles:
        ensure(container, profile, log)


def _asked(profiles: Sequence[Profile], words: Sequence[str]) -> list[Profile]:
    """Ids and names only: `default` is none."""
    found, unknown = [], set()
    for word in words:
        try:
            found.append(find(profiles, word)[0])
        except Refusal:
            unknown.add(word)
    if unknown:
        raise Ends(f"Error: Not all of the provided profiles are supported. Unknown profiles provided: {unknown}")
    return found


def _best(container: Container, profiles: Sequence[Profile]) -> Profile:
    try:
        if container.gpu is not None:
            return select(profiles, None, container.gpu, container.gpu_count).profile
    except Incompatible:
        pass
    raise Ends("Could not match a profile in manifest")
