"""The three kinds of text that hold profiles are told apart by their content."""

from pathlib import Path

import pytest

from nim_profiles.listing import BadListing
from nim_profiles.lock import Lock
from nim_profiles.lock_entry import locked_image
from nim_profiles.locked_image import Origin
from nim_profiles.manifest import BadManifest
from nim_profiles.profile_source import Kind, NoImageNamed, kind_of, parse_source

DATA = Path(__file__).parents[1] / "data"
MANIFEST = (DATA.parents[1] / "stacks/manifests/llama-3.1-8b-instruct_2.0.6.yaml").read_text(encoding="utf-8")
LISTING = (DATA / "listings/06.txt").read_text(encoding="utf-8")
PROFILES = parse_source(MANIFEST, "m").profiles
IMAGE = locked_image(PROFILES, Origin(kind="manifest", sha256="c" * 64), "sha256:" + "1" * 64)


@pytest.mark.parametrize("path", sorted((DATA / "listings").iterdir()), ids=lambda path: str(path.name))
def test_every_listing_is_known_as_one(path: Path) -> None:
    assert kind_of(path.read_text(encoding="utf-8")) is Kind.LISTING


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (MANIFEST, Kind.MANIFEST),
        (f"{'a' * 64}:\n  model: x\n", Kind.MANIFEST),
        ('{"manifest_file": "schema_version: 2.0", "repository_override": ""}', Kind.MANIFEST),
        (Lock(images={"a:1": IMAGE}).text, Kind.LOCK),
        (f"  - {'a' * 64} (vllm-fp8-tp1-pp1)\n", Kind.LISTING),
    ],
)
def test_each_kind_shows_in_what_only_it_has(text: str, kind: Kind) -> None:
    assert kind_of(text) is kind


def test_a_manifest_gives_model_and_release_and_a_listing_what_it_printed() -> None:
    manifest, listing = parse_source(MANIFEST, "m"), parse_source(LISTING, "l")
    assert (manifest.model, manifest.release, len(manifest.profiles)) == ("meta/llama-3.1-8b-instruct", "2.0.6", 6)
    assert {row.required_gb for row in listing.listed.values()} == {34.0, 63.0, 8.0, 12.0}


def test_tags_of_a_listing_count_as_complete_where_the_id_proves_it() -> None:
    assert all(profile.tags_complete for profile in parse_source(LISTING, "l").profiles)
    made_up = parse_source(f"- {'a' * 64} (vllm-fp8-tp1-pp1-34.0)\n", "l").profiles[0]
    assert not made_up.tags_complete
    assert "feat_lora" not in made_up.tags


def test_a_lock_file_of_one_image_needs_no_choice_and_of_several_it_does() -> None:
    assert parse_source(Lock(images={"a:1": IMAGE}).text, "l").image == "a:1"
    two = Lock(images={"a:1": IMAGE, "b:1": IMAGE}).text
    assert parse_source(two, "l", "b:1").image == "b:1"
    with pytest.raises(NoImageNamed, match="there are: a:1, b:1"):
        parse_source(two, "l")


def test_a_text_of_no_kind_is_refused() -> None:
    with pytest.raises((BadManifest, BadListing)):
        parse_source("hello\n", "x")
