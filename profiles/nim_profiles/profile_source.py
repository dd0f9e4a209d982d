"""A text that holds profiles, whichever of the three kinds it is: manifest, listing or lock file."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from nim_profiles.listing import ListedProfile, parse_listing
from nim_profiles.manifest import parse_manifest
from nim_profiles.profile import Profile
from nim_profiles.profile_id import profile_id


class Kind(StrEnum):
    MANIFEST = "manifest"
    LISTING = "listing"
    LOCK = "lock"


class NoImageNamed(ValueError):
    """A lock file of several images, and nobody said which one is meant."""


@dataclass(frozen=True, slots=True)
class ProfileSource:
    kind: Kind
    origin: str
    """Path, or `-`."""
    sha256: str
    """Of the text."""
    profiles: tuple[Profile, ...]
    model: str | None = None
    release: str | None = None
    image: str | None = None
    """Reference of the image in a lock file; None for the other kinds."""
    listed: Mapping[str, ListedProfile] = field(default_factory=dict)
    """By id: what a listing says beyond the profile. Empty for the other kinds."""
    download_basis: Mapping[str, str] = field(default_factory=dict)
    """By id: where a lock file has its download size from."""


def parse_source(text: str, origin: str, image: str | None = None) -> ProfileSource:
    """`image` chooses from a lock file; one that holds a single image needs no choice.

    Raises what the kind's own parser raises, UnlockedImage and NoImageNamed.
    """
    kind, sha256 = kind_of(text), hashlib.sha256(text.encode()).hexdigest()
    if kind is Kind.LOCK:
        return _from_lock(text, origin, sha256, image)
    if kind is Kind.LISTING:
        listing = parse_listing(text)
        listed = {row.id: row for row in reversed(listing.rows)}
        return ProfileSource(kind, origin, sha256, tuple(map(completed, listing.profiles)), listed=listed)
    manifest = parse_manifest(text, origin)
    return ProfileSource(kind, origin, sha256, manifest.profiles, manifest.model, manifest.release)


def completed(profile: Profile) -> Profile:
    """`profile` with its tags marked complete where its id proves them to be.

    The names of a listing say nothing of `feat_lora: 'false'`. Nothing is made up: where the hash does not confirm the
    tags, they stay as they were.
    """
    if profile.tags_complete:
        return profile
    tags = {"feat_lora": "false", **profile.tags}
    return replace(profile, tags=tags, tags_complete=True) if profile_id(tags) == profile.id else profile


def kind_of(text: str) -> Kind:
    """By what only one of them has; a text that has none of it is left to the manifest's parser to refuse."""
    if re.search(r"^images:", text, re.MULTILINE) and re.search(r"^version:", text, re.MULTILINE):
        return Kind.LOCK
    yaml_keys = re.search(r"^(schema_version|profiles|[0-9a-f]{64}):|\"manifest_file\":", text, re.MULTILINE)
    looks_listed = re.search(r"MODEL PROFILES|^[-*\s]*[0-9a-f]{4,64}(\.\.\.|…)?\s*[(-]", text, re.MULTILINE)
    return Kind.LISTING if looks_listed and not yaml_keys else Kind.MANIFEST


def _from_lock(text: str, origin: str, sha256: str, image: str | None) -> ProfileSource:
    from nim_profiles.lock import Lock  # noqa: PLC0415 - brings pydantic, which costs more than all the rest here

    lock = Lock.parse(text, origin)
    if image is None:
        if len(lock.images) != 1:
            known = ", ".join(lock.images) or "none"
            raise NoImageNamed(f"{origin}: holds {len(lock.images)} images. Name one with --image; there are: {known}")
        (image,) = lock.images
    found = lock.image(image)
    basis = {row.id: row.download.basis for row in found.rows if row.download}
    return ProfileSource(
        Kind.LOCK, origin, sha256, found.profiles, found.model, found.release, image, download_basis=basis
    )
