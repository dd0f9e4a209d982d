"""Checking a lock file: that it holds what the stacks want, and that what it holds is true to itself."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nim_profiles.lock import Lock, UnlockedImage
from nim_profiles.locked_image import LockedImage
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
        chosen = select(image.profiles, want.profile).profile
    except Refusal as refusal:
        yield f"{want.where}.profile: {_one_line(str(refusal))}"
        return
    if want.profile != chosen.id:
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


def _ids_are_hashes(image: LockedImage) -> bool:
    """From NIM 1.3 on they are; an older image's ids follow a rule that nobody knows. Unknown releases count as new."""
    version = re.match(r"(\d+)\.(\d+)", image.release or "")
    return version is None or (int(version[1]), int(version[2])) >= (1, 3)


def _one_line(text: str) -> str:
    head, *rest = (line.strip() for line in text.splitlines())
    return f"{head} {'; '.join(rest)}".strip()
