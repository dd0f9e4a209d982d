"""`download-to-cache`: the files of a profile, whole and checked, or not under their names.

A file grows under `.partial` and gets its name last, in one step, once its size and checksum are right. So a kill at
any point leaves only whole files, and the next run goes on where this one stopped.
"""

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPException
from pathlib import Path

from nim_launcher import hugging_face
from nim_launcher.checksum import Checksum, blocks, digest_of
from nim_launcher.finding import finder
from nim_launcher.refusal import ExitCode, refuse
from nim_launcher.source import Location, open_at
from nim_launcher.workspace import require_room, safe_path, workspace_folder, workspace_key
from nim_profiles.profile import Artifact, Profile

ATTEMPTS = 4
"""Of one file; each goes on where the last one stopped."""
PAUSE_SECONDS = 1.0
"""Before the second attempt; doubled each time."""


@dataclass(slots=True)
class Result:
    downloaded: int = 0
    kept: int = 0
    """Files that were there already."""
    bytes: int = 0
    """Received, without what an earlier run had."""
    unverified: int = 0
    """Files without a checksum, or with one that nothing here can compute."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How to download."""

    base: str | None = None
    allow_unverified: bool = False
    """Take files whose checksum nothing here can compute."""
    verify: bool = False
    """Read the files that are there already, instead of trusting their name and size."""
    pause_seconds: float = PAUSE_SECONDS


def download(
    profile: Profile, cache: Path, wanted: Wanted, environ: Mapping[str, str], say: Callable[[str], None]
) -> Result:
    """Raises Refused; what was downloaded until then stays and counts next time."""
    folder = workspace_folder(cache, profile)
    result = Result()
    places = {artifact: safe_path(folder, artifact) for artifact in profile.artifacts}
    with _alone(folder):
        lacking = [one for one, place in places.items() if not _is_whole(one, place, verify=wanted.verify)]
        result.kept = len(places) - len(lacking)
        # Sources are asked only for what is not there: a pod that starts again needs none of them.
        find = finder(wanted.base, workspace_key(profile), environ) if lacking else None
        rest = [_with_checksum(artifact, find(artifact)) for artifact in lacking if find]
        if not wanted.allow_unverified:
            _require_checkable([artifact for artifact, _ in rest])
        needed = sum((artifact.size_bytes or 0) - _size(_partial(folder, artifact)) for artifact, _ in rest)
        require_room(folder, needed, shutil.disk_usage(folder).free)
        for number, (artifact, source) in enumerate(rest, 1):
            say(f"{number}/{len(rest)} {artifact.path}")
            partial = _partial(folder, artifact)
            result.bytes += _fetch(artifact, source, partial, wanted.pause_seconds)
            _name(partial, safe_path(folder, artifact))
            result.downloaded += 1
        shutil.rmtree(folder / ".partial", ignore_errors=True)
    checked = {artifact.path for artifact, _ in rest if _is_checkable(artifact)}
    result.unverified = sum(not _is_checkable(one) and one.path not in checked for one in profile.artifacts)
    return result


def _with_checksum(artifact: Artifact, source: Location) -> tuple[Artifact, Location]:
    """With the source's own checksum where that of the manifest is absent or cannot be computed here."""
    if source.checksum is None or _is_checkable(artifact):
        return artifact, source
    return replace(artifact, checksum=source.checksum), source


def _is_checkable(artifact: Artifact) -> bool:
    checksum = Checksum.parse(artifact.checksum)
    return checksum is not None and checksum.hasher() is not None


def _require_checkable(artifacts: Sequence[Artifact]) -> None:
    """A checksum that cannot be computed is refused; a manifest without checksums asks for no check."""
    stuck = sorted({str(a.checksum).partition(":")[0] for a in artifacts if a.checksum and not _is_checkable(a)})
    if stuck:
        raise refuse(
            ExitCode.CHECKSUM,
            f"this Python cannot compute {', '.join(stuck)} checksums. Install {stuck[0]}, write sha256 in the "
            "manifest, or give --allow-unverified to check sizes only",
        )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One download of a workspace at a time; a second one waits, then finds everything there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".partial").mkdir(exist_ok=True)
        lock = (folder / ".lock").open("w")
    except OSError as error:
        raise refuse(
            ExitCode.DOWNLOAD, f"{folder} cannot be written: {error.strerror}. Mount a volume that this user may write"
        ) from None
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        (folder / ".partial").mkdir(exist_ok=True)
        yield


def _partial(folder: Path, artifact: Artifact) -> Path:
    """Named by path and checksum: what was begun for another version of a file is not gone on with."""
    name = hashlib.sha256(f"{artifact.path}\n{artifact.checksum}\n{artifact.size_bytes}".encode()).hexdigest()
    return folder / ".partial" / name


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _is_whole(artifact: Artifact, place: Path, *, verify: bool) -> bool:
    if not place.is_file() or artifact.size_bytes not in {None, _size(place)}:
        return False
    return not verify or _objection(artifact, place) is None


def _objection(artifact: Artifact, path: Path) -> str | None:
    """What is wrong with a finished file; None where nothing is, as far as can be known here."""
    if artifact.size_bytes is not None and _size(path) != artifact.size_bytes:
        return f"has {_size(path)} bytes, the manifest says {artifact.size_bytes}"
    checksum = Checksum.parse(artifact.checksum)
    hasher = checksum.hasher() if checksum else None
    if checksum and hasher and (found := digest_of(path, hasher)) != checksum.digest:
        return f"has {checksum.algorithm} {found[:12]}..., the manifest says {checksum.digest[:12]}..."
    return None


def _fetch(artifact: Artifact, source: Location, partial: Path, pause_seconds: float) -> int:
    """Bytes received. Without a checksum nothing could tell two halves of two versions: then it begins anew."""
    received = 0
    why = ""
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(pause_seconds * 2 ** (attempt - 1))
        resumed = _size(partial) if _is_checkable(artifact) else 0
        try:
            received += _append(source, partial, resumed)
        except (OSError, HTTPException) as error:
            received += max(_size(partial) - resumed, 0)
            why = f"{type(error).__name__}: {error}"
            if isinstance(error, (FileNotFoundError, PermissionError)) or getattr(error, "code", 500) in range(
                400, 429
            ):
                break
            continue
        wrong = _objection(artifact, partial)
        if wrong is None:
            return received
        partial.unlink()
        why = wrong
        if not resumed:
            raise refuse(
                ExitCode.CHECKSUM, f"{source.address} {why}. Mend the source, or use the manifest of its version"
            )
    raise refuse(ExitCode.DOWNLOAD, f"{source.address} cannot be downloaded ({why}). What is there so far is kept")


def _append(source: Location, partial: Path, offset: int) -> int:
    """Bytes added. Raises OSError where the other side stops before the end."""
    if source.hub is not None and hugging_face.has_library():
        hugging_face.fetch(source.hub, partial.with_suffix(".hub")).replace(partial)
        return _size(partial)
    stream = open_at(source, offset)
    with stream.file, partial.open("r+b" if partial.exists() else "wb") as out:
        out.truncate(stream.offset)
        out.seek(stream.offset)
        for block in blocks(stream.file):
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
        end = out.tell()
    if stream.total_bytes is not None and end < stream.total_bytes:
        raise ConnectionError(f"ended after {end} of {stream.total_bytes} bytes")
    return end - stream.offset


def _name(partial: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    partial.replace(place)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
