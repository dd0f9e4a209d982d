from pathlib import Path

from nim_profiles.lock import Lock
from nim_profiles.locked_shape import shape_of
from nim_sandbox.images import nim
from nim_sandbox.images.layout import ImageConfig, digest_of, write_layout
from nim_sandbox.images.lock import lock_images
from nim_sandbox.images.tiny_llama import HIDDEN, MODEL

ONE, TWO = nim.REFERENCES[1], nim.REFERENCES[2]


def layout(folder: Path) -> Path:
    write_layout(folder, ONE, [], ImageConfig(("/bin/true",)))
    return folder


def test_what_was_built_is_pinned_with_profiles_shape_and_size(tmp_path: Path) -> None:
    built = layout(tmp_path / "image-one")
    lock_images(tmp_path / "home", {ONE: digest_of(built)}, {ONE: nim.manifest(1)})
    image = Lock.read(tmp_path / "home/images.lock.yaml").image(f"{ONE}@{digest_of(built)}")
    assert (image.model, image.release) == (MODEL, "1.8.0")
    assert [profile.id for profile in image.profiles] == [
        row.id for row in sorted(nim.manifest(1).profiles, key=lambda one: (one.name, one.id))
    ]
    assert {profile.download_bytes for profile in image.profiles} == {nim.manifest(1).profiles[0].download_bytes}
    assert shape_of(image, Path("elsewhere")).hidden_size == HIDDEN


def test_what_other_images_say_stays(tmp_path: Path) -> None:
    built = layout(tmp_path / "image-one")
    for reference, generation in ((ONE, 1), (TWO, 2)):
        lock_images(tmp_path, {reference: digest_of(built)}, {reference: nim.manifest(generation)})
    assert [*Lock.read(tmp_path / "images.lock.yaml").images] == [ONE, TWO]
