from pathlib import Path

import pytest

from nim_sandbox.images import nim
from nim_sandbox.images.tiny_llama import model_files
from nim_sandbox.nim_like.container import NGC, Ends
from nim_sandbox.nim_like.download import download_to_cache, ensure, snapshot
from tests.launcher.mirror import mirror
from tests.sandbox.nim_like.made import Made

FP8 = nim.manifest(2).profiles[0]
KEY = {"NGC_API_KEY": "made-up"}


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_profile_is_served_from_a_snapshot_of_the_model(container: Made, tmp_path: Path) -> None:
    folder = ensure(container(**KEY), FP8, print)
    assert folder == tmp_path / "cache/ngc/hub/models--nim--tiny--llama/snapshots/abababababab"
    assert files_of(folder) == model_files()


def test_what_is_there_is_not_downloaded_again_and_needs_no_key(container: Made) -> None:
    said: list[str] = []
    ensure(container(**KEY), FP8, said.append)
    assert len(said) == len(model_files())
    ensure(container(), FP8, said.append)
    assert len(said) == len(model_files())


def test_ngc_without_a_key_and_a_download_that_is_forbidden_end_it(container: Made) -> None:
    with pytest.raises(Ends, match="NGC_API_KEY is not set"):
        ensure(container(), FP8, print)
    with pytest.raises(Ends, match=r"NIM_DISABLE_MODEL_DOWNLOAD is set and the cache lacks config\.json"):
        ensure(container(NIM_DISABLE_MODEL_DOWNLOAD="1", **KEY), FP8, print)


def test_a_mirror_needs_no_key(container: Made, tmp_path: Path) -> None:
    container()
    with mirror(tmp_path / NGC.lstrip("/")) as source:
        assert files_of(ensure(container(NIM_REPOSITORY_OVERRIDE=source.url), FP8, print)) == model_files()


def test_a_file_that_is_not_what_the_manifest_says_gets_no_name(container: Made, tmp_path: Path) -> None:
    one = container(**KEY)
    (tmp_path / NGC.lstrip("/") / "model.safetensors").write_bytes(b"something else")
    with pytest.raises(Ends, match=r"model\.safetensors: checksum mismatch"):
        ensure(one, FP8, print)
    assert "model.safetensors" not in files_of(snapshot(one, FP8))


@pytest.mark.parametrize("words", [["--all"], ["--profile", FP8.id], ["--profiles", FP8.name], [], ["--lora"]])
def test_the_command_fills_the_cache(words: list[str], container: Made) -> None:
    one = container(**KEY)
    download_to_cache(one, words, print)
    assert files_of(snapshot(one, FP8)) == model_files()


def test_default_is_no_profile_to_download(container: Made) -> None:
    with pytest.raises(Ends) as ended:
        download_to_cache(container(**KEY), ["--profiles", FP8.id, "default"], print)
    assert str(ended.value) == (
        "Error: Not all of the provided profiles are supported. Unknown profiles provided: {'default'}"
    )


def test_without_a_choice_it_needs_a_gpu(container: Made) -> None:
    with pytest.raises(Ends, match="Could not match a profile in manifest"):
        download_to_cache(container(NIM_LIKE_GPU="", **KEY), [], print)
