"""What changed between two versions of an image's profiles."""

from collections.abc import Sequence
from dataclasses import dataclass

from nim_profiles.profile import Profile

MEMORY = "min_vram_per_device_gb"


@dataclass(frozen=True, slots=True)
class Change:
    """One profile, before and after."""

    old: Profile
    new: Profile
    what: tuple[str, ...]
    """Phrases such as `min_vram_per_device_gb 33.0 -> 35.0`."""


@dataclass(frozen=True, slots=True)
class ManifestDiff:
    """Each profile of either side stands in one list at most, each list in the order of names and ids."""

    added: tuple[Profile, ...]
    removed: tuple[Profile, ...]
    renamed: tuple[Change, ...]
    """The same id under another name."""
    memory: tuple[Change, ...]
    """Other memory and therefore another id and name; everything else is the same. A pin on the old id breaks."""
    changed: tuple[Change, ...]
    """The same id with other content: an id is a hash of tags, and other weights may stand behind it."""

    @property
    def empty(self) -> bool:
        return not (self.added or self.removed or self.renamed or self.memory or self.changed)


def diff_profiles(old: Sequence[Profile], new: Sequence[Profile]) -> ManifestDiff:
    """The order of either side is of no consequence. Profiles are paired by id, then by all tags except the memory."""
    before, after = _by_id(old), _by_id(new)
    kept = [(before[identifier], after[identifier]) for identifier in before if identifier in after]
    changes = [Change(a, b, _content(a, b)) for a, b in kept]
    gone = [p for identifier, p in before.items() if identifier not in after]
    come = [p for identifier, p in after.items() if identifier not in before]
    moved = []
    for a in gone:
        partners = [b for b in come if _without_memory(a) == _without_memory(b)]
        rivals = [other for other in gone if _without_memory(other) == _without_memory(a)]
        if len(partners) == len(rivals) == 1:
            text = f"{MEMORY} {a.tags.get(MEMORY, 'none')} -> {partners[0].tags.get(MEMORY, 'none')}"
            moved.append(Change(a, partners[0], (text, *_content(a, partners[0], tags=False))))
    paired = {side.id for change in moved for side in (change.old, change.new)}
    return ManifestDiff(
        added=tuple(p for p in come if p.id not in paired),
        removed=tuple(p for p in gone if p.id not in paired),
        renamed=tuple(
            Change(c.old, c.new, (f"name {c.old.name} -> {c.new.name}",))
            for c in changes
            if not c.what and c.old.name != c.new.name
        ),
        memory=tuple(moved),
        changed=tuple(c for c in changes if c.what),
    )


def _by_id(profiles: Sequence[Profile]) -> dict[str, Profile]:
    return {profile.id: profile for profile in sorted(profiles, key=lambda profile: (profile.name, profile.id))}


def _without_memory(profile: Profile) -> dict[str, str]:
    """A listing's names say nothing of a plain profile's `feat_lora`."""
    return {"feat_lora": "false"} | {key: value for key, value in profile.tags.items() if key != MEMORY}


def _content(old: Profile, new: Profile, *, tags: bool = True) -> tuple[str, ...]:
    """What differs apart from the name. What one side does not state is no difference: a listing states little."""
    found = []
    if tags and old.tags_complete and new.tags_complete:
        keys = sorted({*old.tags, *new.tags})
        found += [
            f"{key} {old.tags.get(key, 'none')} -> {new.tags.get(key, 'none')}"
            for key in keys
            if old.tags.get(key) != new.tags.get(key)
        ]
    if old.workspace_hash and new.workspace_hash and old.workspace_hash != new.workspace_hash:
        found.append(f"workspace {old.workspace_hash[:12]} -> {new.workspace_hash[:12]}")
    if old.artifacts and new.artifacts:
        was, now = ({each.path: each for each in side.artifacts} for side in (old, new))
        both = [path for path in was if path in now and was[path] != now[path]]
        counts = {"added": now.keys() - was.keys(), "removed": was.keys() - now.keys(), "changed": both}
        found += [f"{len(paths)} files {word}" for word, paths in counts.items() if paths]
    if old.download_bytes and new.download_bytes and old.download_bytes != new.download_bytes:
        found.append(f"download {old.download_bytes} -> {new.download_bytes} bytes")
    return tuple(found)
