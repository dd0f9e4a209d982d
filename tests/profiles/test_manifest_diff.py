"""What changed between two versions of an image's profiles."""

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from nim_profiles.manifest_diff import MEMORY, diff_profiles
from nim_profiles.profile import Artifact, Profile
from nim_profiles.profile_id import profile_id


def profile(memory: str | None = None, *, workspace: str | None = "a" * 64, **tags: str) -> Profile:
    merged = {"llm_engine": "vllm", "feat_lora": "false", "precision": "fp8", "tp": "1", **tags}
    merged |= {} if memory is None else {MEMORY: memory}
    return Profile(profile_id(merged), f"vllm-{merged['precision']}-{memory}", merged, workspace_hash=workspace)


FP8, BF16, LORA = profile("27.0"), profile("33.0", precision="bf16"), profile("27.0", feat_lora="true")


def test_nothing_changed_is_an_empty_diff() -> None:
    assert diff_profiles([FP8, BF16], [BF16, FP8]).empty


def test_a_profile_of_one_side_is_added_or_removed() -> None:
    found = diff_profiles([FP8, BF16], [FP8, LORA])
    assert (found.added, found.removed) == ((LORA,), (BF16,))
    assert found.memory + found.renamed + found.changed == ()


def test_another_memory_figure_is_one_change_and_not_a_removal_and_an_addition() -> None:
    raised = profile("29.0")
    (change,) = diff_profiles([FP8, BF16], [raised, BF16]).memory
    assert (change.old, change.new) == (FP8, raised)
    assert change.what == (f"{MEMORY} 27.0 -> 29.0",)
    assert diff_profiles([FP8], [raised]).added == ()


def test_a_memory_figure_that_may_belong_to_two_profiles_is_not_guessed() -> None:
    found = diff_profiles([profile("27.0"), profile("28.0")], [profile("29.0")])
    assert (len(found.added), len(found.removed), found.memory) == (1, 2, ())


def test_the_same_id_under_another_name_is_renamed() -> None:
    (change,) = diff_profiles([FP8], [dataclasses.replace(FP8, name="new")]).renamed
    assert change.what == (f"name {FP8.name} -> new",)


def test_the_same_id_with_other_weights_is_changed_content() -> None:
    new = dataclasses.replace(FP8, workspace_hash="b" * 64, artifacts=(Artifact("a", "u2"), Artifact("c", "u")))
    old = dataclasses.replace(FP8, artifacts=(Artifact("a", "u1"), Artifact("b", "u")))
    (change,) = diff_profiles([old], [new]).changed
    assert change.what == (
        "workspace aaaaaaaaaaaa -> bbbbbbbbbbbb",
        "1 files added",
        "1 files removed",
        "1 files changed",
    )


def test_what_a_listing_does_not_state_is_no_difference() -> None:
    listed = Profile(FP8.id, FP8.name, {"tp": "1"}, tags_complete=False)
    assert diff_profiles([FP8], [listed]).empty


VARIANTS = [
    profile(memory, precision=p, tp=t) for memory in ("8.0", "9.0") for p in ("fp8", "bf16") for t in ("1", "2")
]
sides = st.lists(st.sampled_from([*VARIANTS, *(dataclasses.replace(v, workspace_hash="b" * 64) for v in VARIANTS)]))


@given(sides, sides)
def test_every_profile_stands_in_one_list_at_most_and_order_never_matters(
    old: list[Profile], new: list[Profile]
) -> None:
    old, new = list({p.id: p for p in old}.values()), list({p.id: p for p in new}.values())
    found = diff_profiles(old, new)
    pairs = (*found.memory, *found.renamed, *found.changed)
    before = sorted([p.id for p in found.removed] + [c.old.id for c in pairs])
    after = sorted([p.id for p in found.added] + [c.new.id for c in pairs])
    same = {p.id for p in old if p in new}
    assert before == sorted({p.id for p in old} - same)
    assert after == sorted({p.id for p in new} - same)
    assert diff_profiles(old[::-1], new[::-1]) == found
