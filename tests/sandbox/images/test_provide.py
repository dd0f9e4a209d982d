from pathlib import Path

import pytest

from nim_profiles.lock import Lock
from nim_profiles.stack_wants import NOT_BUILT
from nim_sandbox.images import vllm
from nim_sandbox.images.provide import NoSuchImage, describe, provide, references


def test_a_reference_that_nothing_builds_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(NoSuchImage) as refused:
        provide(["sandbox.local/nim/tiny/lama:2.0.0"], tmp_path, print)
    assert str(refused.value).startswith("sandbox.local/nim/tiny/lama:2.0.0: nothing here builds that; there are ")
    assert "sandbox.local/nim/tiny/llama:2.0.0" in str(refused.value)
    assert [*tmp_path.iterdir()] == []


def test_a_description_builds_nothing_and_has_a_stand_in_for_the_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (reference,) = {one for one in references() if "vllm" in one}
    assert describe([reference], tmp_path / "home") == {reference: NOT_BUILT}
    image = Lock.read(tmp_path / "home/images.lock.yaml").image(f"{reference}@{NOT_BUILT}")
    assert {one.id for one in image.profiles} == {one.id for one in vllm.manifest().profiles}
    assert not (tmp_path / "cache").exists()
