from pathlib import Path

import pytest

from tests.sandbox.nim_like.made import Made


@pytest.fixture
def container(tmp_path: Path) -> Made:
    return Made(tmp_path)
