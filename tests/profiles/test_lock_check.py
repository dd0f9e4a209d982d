"""Checking a lock file against what the stacks want, and against itself."""

from nim_profiles.lock import Lock
from nim_profiles.lock_check import Want, check_lock, content_changes
from nim_profiles.locked_image import LockedImage, LockedProfile, Origin
from nim_profiles.profile_id import profile_id

REFERENCE, DIGEST, OTHER_DIGEST = "nvcr.io/nim/meta/llama:2.0.6", "sha256:" + "1" * 64, "sha256:" + "2" * 64
PINNED, WHERE = f"{REFERENCE}@{DIGEST}", "Pulumi.dev.yaml: nim:endpoints.chat"
TAGS = {"llm_engine": "vllm", "precision": "fp8", "tp": "1", "pp": "1"}
FP8 = LockedProfile(
    id=profile_id(TAGS), name="vllm-fp8-tp1-pp1", tags=TAGS, tags_complete=True, workspace_hash="a" * 64
)


def locked(*rows: LockedProfile, release: str | None = "2.0.6") -> LockedImage:
    source = Origin(kind="manifest", sha256="c" * 64)
    return LockedImage(digest=DIGEST, source=source, release=release, profiles=rows or (FP8,))


LOCK = Lock(images={REFERENCE: locked()})


def test_a_want_that_the_lock_has_is_no_fault() -> None:
    assert check_lock(LOCK, [Want(PINNED, FP8.id, WHERE)]) == ()


def test_every_fault_of_every_want_is_told_in_one_line_each() -> None:
    unknown = "0" * 64
    faults = check_lock(
        LOCK,
        [
            Want("nvcr.io/nim/meta/other:1.0@" + DIGEST, FP8.id, "a"),
            Want(f"{REFERENCE}@{OTHER_DIGEST}", FP8.id, "b"),
            Want(REFERENCE, FP8.id, "c"),
            Want(PINNED, unknown, "d"),
            Want(PINNED, FP8.name, "e"),
            Want(PINNED, "default", "f"),
        ],
    )
    assert [fault.partition(" ")[0] for fault in faults] == [
        "a.image:",
        "b.image:",
        "c.image",
        "d.profile:",
        "e.profile",
        "f.profile",
    ]
    assert all("\n" not in fault for fault in faults)
    assert faults[2] == f"c.image is {REFERENCE}, without a digest. Write {PINNED}"
    assert f"Closest: {FP8.id} ({FP8.name})" in faults[3]
    assert faults[4] == f"e.profile is {FP8.name!r}, which does not pin. Write the id {FP8.id} ({FP8.name})"


def test_what_the_stack_allows_besides_ids_is_no_fault() -> None:
    allowed = ("id", "name", "default")
    assert check_lock(LOCK, [Want(PINNED, wish, WHERE, allowed) for wish in (FP8.id, FP8.name, "default")]) == ()
    (fault,) = check_lock(LOCK, [Want(PINNED, "default", WHERE, ("id", "name"))])
    assert "does not pin" in fault


def test_an_id_that_does_not_hash_to_its_tags_is_a_fault() -> None:
    odd = FP8.model_copy(update={"tags": {**TAGS, "tp": "2"}})
    (fault,) = check_lock(Lock(images={REFERENCE: locked(odd)}), [])
    assert fault.startswith(f"{REFERENCE}: profile {FP8.id} (vllm-fp8-tp1-pp1) does not hash to its tags, which give ")


def test_ids_from_before_the_hash_rule_and_incomplete_tags_are_not_checked() -> None:
    odd = FP8.model_copy(update={"tags": {"tp": "2"}})
    assert check_lock(Lock(images={REFERENCE: locked(odd, release="1.2.3")}), []) == ()
    listed = odd.model_copy(update={"tags_complete": False})
    assert check_lock(Lock(images={REFERENCE: locked(listed)}), []) == ()


def test_one_id_with_two_sets_of_tags_is_a_fault() -> None:
    other = locked(FP8.model_copy(update={"tags": {"tp": "8"}}), release="1.0")
    (fault,) = check_lock(Lock(images={"a:1": other, "b:1": locked(FP8, release="1.0")}), [])
    assert "b:1: profile" in fault
    assert "other tags than under a:1" in fault


def test_a_profile_that_kept_its_id_and_changed_content_is_told_with_both() -> None:
    changed = FP8.model_copy(update={"workspace_hash": "b" * 64})
    assert content_changes(locked(), locked(changed)) == (
        f"profile {FP8.id} ({FP8.name}): workspace_hash was {'a' * 64!r}, is {'b' * 64!r}",
    )
    assert content_changes(locked(), locked()) == ()
