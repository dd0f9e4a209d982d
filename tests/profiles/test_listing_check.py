from nim_profiles.listing import Listing, parse_listing
from nim_profiles.listing_check import listing_differences
from nim_profiles.locked_image import LockedImage, LockedProfile, Origin

A, B, C = ("a" * 64, "b" * 64, "c" * 64)
TAGS = {"llm_engine": "vllm", "precision": "fp8", "tp": "1", "pp": "1"}


def listing(*rows: tuple[str, str]) -> Listing:
    lines = [f"    - {identifier} ({name})" for identifier, name in rows]
    return parse_listing("\n".join(["MODEL PROFILES", "- Incompatible with system:", *lines]))


def locked(*rows: tuple[str, str]) -> LockedImage:
    profiles = tuple(LockedProfile(id=one, name=name, tags=TAGS, tags_complete=True) for one, name in rows)
    digest = "e" * 64
    return LockedImage(digest=f"sha256:{digest}", source=Origin(kind="listing", sha256=digest), profiles=profiles)


def test_the_same_profiles_are_no_difference_whatever_runs_and_in_any_order() -> None:
    rows = [(A, "vllm-fp8-tp1-pp1-27.0"), (B, "vllm-bf16-tp1-pp1-33.0")]
    assert listing_differences(listing(*rows), locked(*reversed(rows))) == ()


def test_every_difference_is_told() -> None:
    image = locked((A, "vllm-fp8-tp1-pp1-27.0"), (B, "vllm-bf16-tp1-pp1-33.0"))
    found = listing_differences(listing((A, "vllm-fp8-tp1-pp1-28.0"), (C, "vllm-nvfp4-tp1-pp1-24.0")), image)
    assert found == (
        f"calls {A} vllm-fp8-tp1-pp1-28.0, and the lock file vllm-fp8-tp1-pp1-27.0",
        f"does not list {B} (vllm-bf16-tp1-pp1-33.0), which the lock file has",
        f"lists {C} (vllm-nvfp4-tp1-pp1-24.0), which the lock file does not have",
    )
