"""One image's part of the lock file: downloads say where their number comes from, and nothing said is lost."""

import dataclasses

import pytest

from nim_profiles.lock_entry import SECOND_COPY, StatedDownload, WeightCount, download_of, locked_image
from nim_profiles.locked_image import Download, LockedImage, Origin, Shape
from nim_profiles.profile import Artifact, Profile

ORIGIN = Origin(kind="manifest", path="m.yaml", sha256="c" * 64)
DIGEST, OTHER_DIGEST = "sha256:" + "1" * 64, "sha256:" + "2" * 64
FP8 = Profile("a" * 64, "vllm-fp8-tp1", {"precision": "fp8"}, workspace_hash="w")
BF16 = Profile("b" * 64, "vllm-bf16-tp1", {"precision": "bf16"})
WEIGHTS = WeightCount(8_030_261_248, sixteen_bit=1_050_673_152)
STATED = StatedDownload({"fp8": 34}, "a script")


@pytest.mark.parametrize(
    ("precision", "size_bytes"),
    [("bf16", 16_060_522_496), ("fp8", 9_080_934_400), ("nvfp4", 6_027_364_608)],
)
def test_weights_are_counted_at_the_bits_of_their_precision(precision: str, size_bytes: int) -> None:
    found = download_of(dataclasses.replace(FP8, tags={"precision": precision}), WEIGHTS, None)
    assert found is not None
    assert (found.bytes, found.estimated) == (size_bytes, True)


def test_a_workspace_with_a_second_copy_counts_twice() -> None:
    both = dataclasses.replace(BF16, artifacts=(Artifact(SECOND_COPY, "uri"),))
    found = download_of(both, WEIGHTS, None)
    assert found is not None
    assert found.bytes == 2 * 16_060_522_496
    assert found.basis == (
        "8030261248 parameters at 16 bits, twice: the workspace also holds original/consolidated.00.pth; weights only"
    )


def test_sizes_of_the_manifest_beat_published_ones_and_those_beat_an_estimate() -> None:
    sized = dataclasses.replace(FP8, download_bytes=12)
    summed = Download(bytes=12, estimated=False, basis="sum of the sizes in the manifest")
    assert download_of(sized, WEIGHTS, STATED) == summed
    assert download_of(FP8, WEIGHTS, STATED) == Download(bytes=34, estimated=True, basis="a script")


def test_nothing_is_made_up() -> None:
    assert download_of(FP8, None, None) is None
    assert download_of(BF16, None, STATED) is None
    assert download_of(dataclasses.replace(FP8, tags={}), WEIGHTS, None) is None


def entry(profiles: list[Profile], digest: str, before: LockedImage | None = None) -> LockedImage:
    return locked_image(profiles, ORIGIN, digest, before=before)


def test_what_is_not_said_again_stays_as_it_was() -> None:
    shape = Shape(catalogue="some/model")
    before = locked_image(
        [FP8, BF16], ORIGIN, DIGEST, model="m", release="1", shape=shape, digest_source="where from", stated=STATED
    )
    assert entry([FP8, BF16], DIGEST, before) == before


def test_another_workspace_or_digest_lets_go_of_what_was_said_about_the_old_one() -> None:
    before = locked_image([FP8], ORIGIN, DIGEST, digest_source="where from", stated=STATED)
    after = entry([dataclasses.replace(FP8, workspace_hash="other")], OTHER_DIGEST, before)
    assert (after.rows[0].download, after.digest_source) == (None, None)
