from pathlib import Path

from nim_sandbox.cache import Cache
from nim_sandbox.images.recipe import Recipe, Report


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
