from pathlib import Path

from nim_sandbox.cache import Cache
from nim_sandbox.images.layout import ImageConfig, digest_of, write_layout
from nim_sandbox.images.recipe import Recipe, Report, cached_digests


def build(folder: Path, work: Path, report: Report) -> None:
    (work / "scratch").touch()
    folder.mkdir()
    report("made")


def test_an_image_is_built_once_for_its_inputs_and_again_for_others(tmp_path: Path) -> None:
    said: list[str] = []
    cache = Cache(tmp_path)
    first = Recipe("sandbox.local/nim/tiny:1.0", b"one", build).layout(cache, said.append)
    assert Recipe("sandbox.local/nim/tiny:1.0", b"one", build).layout(cache, said.append) == first
    assert Recipe("sandbox.local/nim/tiny:1.0", b"two", build).layout(cache, said.append) != first
    assert said == ["building sandbox.local/nim/tiny:1.0", "made"] * 2
    assert first.name == "image-nim-tiny-1.0"
    assert [path.name for path in first.parent.iterdir()] == [first.name]


def test_other_code_is_another_image() -> None:
    def other(folder: Path, _work: Path, _report: Report) -> None:
        folder.mkdir()

    keys = {Recipe("sandbox.local/a:1", b"", made).key for made in (build, other)}
    assert len(keys) == 2


def test_the_digests_of_all_images_in_the_cache_are_known_whatever_they_were_built_from(tmp_path: Path) -> None:
    def whole(folder: Path, _work: Path, _report: Report) -> None:
        write_layout(folder, "sandbox.local/a:1", [], ImageConfig((folder.parent.name,)))

    cache = Cache(tmp_path)
    built = {digest_of(Recipe("sandbox.local/a:1", inputs, whole).layout(cache, print)) for inputs in (b"one", b"two")}
    assert len(built) == 2
    assert cached_digests(cache) == built
