from pathlib import Path

import pytest

from nim_sandbox.images.provide import NoSuchImage, provide


def test_a_reference_that_nothing_builds_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(NoSuchImage) as refused:
        provide(["sandbox.local/nim/tiny/lama:2.0.0"], tmp_path, print)
    assert str(refused.value).startswith("sandbox.local/nim/tiny/lama:2.0.0: nothing here builds that; there are ")
    assert "sandbox.local/nim/tiny/llama:2.0.0" in str(refused.value)
    assert [*tmp_path.iterdir()] == []
