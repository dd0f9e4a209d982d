"""Checking a lock file: that it holds what the stacks want, and that what it holds is true to itself."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nim_profiles.lock import Lock, UnlockedImage
from nim_profiles.locked_image import LockedImage
from nim_profiles.profile import Profile
from nim_profiles.profile_id import is_profile_id, profile_id
from nim_profiles.selection import Refusal, select


@dataclass(frozen=True, slots=True)
class Want:
    """What one endpoint asks for."""

    image: str
    """As written: `repository:tag@sha256:...`."""
    profile: str
    where: str
    """File and key, to begin the fault with: `stacks/Pulumi.dev.yaml: nim:endpoints.chat`."""
    allowed: tuple[str, ...] = ("id",)
    """Ways to name a profile that the stack allows: values of `nim_profiles.selection.Rule`."""


def check_lock(lock: Lock, wants: Sequence[Want]) -> tuple[str, ...]:
    """Every fault in one line each: those of the wants first, in their order, then the lock's own. Empty is good."""
    return (*(fault for want in wants for fault in _want_faults(lock, want)), *_own_faults(lock))


def _want_faults(lock: Lock, want: Want) -> Iterator[str]:
    try:
        image = lock.image(want.image)
    except UnlockedImage as missing:
        yield f"{want.where}.image: {missing}"
        return
    if "@" not in want.image:
        yield f"{want.where}.image is {want.image}, without a digest. Write {want.image}@{image.digest}"
    try:
        selection = select(image.profiles, want.profile)
    except Refusal as refusal:
        yield f"{want.where}.profile: {_one_line(str(refusal))}"
        return
    chosen = selection.profile
    if want.profile != chosen.id and selection.reason.rule not in want.allowed:
        yield f"{want.where}.profile is {want.profile!r}, which does not pin. Write the id {chosen.id} ({chosen.name})"


def _own_faults(lock: Lock) -> Iterator[str]:
    first_seen: dict[str, tuple[str, dict[str, str]]] = {}
    for reference, image in sorted(lock.images.items()):
        for row in image.rows:
            where = f"{reference}: profile {row.id} ({row.name})"
            if not row.tags_complete:
                continue
            if _ids_are_hashes(image) and is_profile_id(row.id) and (hashed := profile_id(row.tags)) != row.id:
                yield f"{where} does not hash to its tags, which give {hashed}. Lock the image again from its manifest"
            other, tags = first_seen.setdefault(row.id, (reference, row.tags))
            if tags != row.tags:
                yield f"{where} has other tags than under {other}. An id is a hash of the tags: lock both images again"


def content_changes(old: LockedImage, new: LockedImage) -> tuple[str, ...]:
    """How profiles that kept their id differ otherwise, one line each; downloads, which are often estimates, left out.

    Between two versions of an image that happens: an id does not name weights. Under one digest it must not.
    """
    before = {row.id: row for row in old.rows}
    return tuple(
        f"profile {row.id} ({row.name}): {part} was {was!r}, is {now!r}"
        for row in new.rows
        if row.id in before
        for part in ("name", "tags", "tags_complete", "workspace_hash")
        if (was := getattr(before[row.id], part)) != (now := getattr(row, part))
    )


def changed_sources(lock: Lock, folder: Path) -> tuple[str, ...]:
    """Faults of images whose source, a path relative to `folder`, is there and says something else now.

    A source that is not there cannot be asked: not everybody keeps the manifest.
    """
    return tuple(fault for ref, image in sorted(lock.images.items()) for fault in _source_faults(ref, image, folder))


def _source_faults(reference: str, image: LockedImage, folder: Path) -> Iterator[str]:
    path = None if image.source.path is None else folder / image.source.path
    if path is None or not path.exists():
        return
    from nim_profiles.profile_source import parse_source  # noqa: PLC0415 - it reads lock files, too

    again = f"Lock {reference} again from it"
    try:
        source = parse_source(path.read_bytes().decode("utf-8-sig"), str(path))
    except (OSError, ValueError) as error:
        yield f"{reference}: its source {path} cannot be read any more: {_one_line(str(error))}. {again}"
        return
    if source.sha256 != image.source.sha256:
        yield f"{reference}: its source {path} has changed since it was locked. {again}"
    now, old = {profile.id: profile for profile in source.profiles}, {row.id: row for row in image.rows}
    for identifier in sorted(now.keys() ^ old.keys()):
        yield f"{reference}: profile {identifier} is {'new' if identifier in now else 'gone'} in {path}. {again}"
    yield from (f"{reference}: {change}, by {path}. {again}" for change in content_changes(image, _rows(image, now)))


def _rows(image: LockedImage, profiles: Mapping[str, Profile]) -> LockedImage:
    """`image` with what `profiles` say of each id now."""
    rows = tuple(
        row.model_copy(
            update={
                "name": now.name,
                "tags": dict(now.tags),
                "tags_complete": now.tags_complete,
                "workspace_hash": now.workspace_hash,
            }
        )
        for row in image.rows
        if (now := profiles.get(row.id))
    )
    return image.model_copy(update={"rows": rows})


def _ids_are_hashes(image: LockedImage) -> bool:
    """From NIM 1.3 on they are; an older image's ids follow a rule that nobody knows. Unknown releases count as new."""
    version = re.match(r"(\d+)\.(\d+)", image.release or "")
    return version is None or (int(version[1]), int(version[2])) >= (1, 3)


def _one_line(text: str) -> str:
    head, *rest = (line.strip() for line in text.splitlines())
    return f"{head} {'; '.join(rest)}".strip()
