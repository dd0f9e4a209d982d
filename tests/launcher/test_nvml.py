import importlib.util
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from nim_launcher.nvml import load


def test_an_installed_pynvml_is_taken() -> None:
    assert load().__name__ == "pynvml"


def test_without_one_vllms_copy_is_read_without_importing_vllm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "vllm" / "third_party").mkdir(parents=True)
    (tmp_path / "vllm" / "__init__.py").write_text("raise ImportError('ten seconds')")
    (tmp_path / "vllm" / "third_party" / "pynvml.py").write_text("MARK = 'of vLLM'")
    monkeypatch.syspath_prepend(str(tmp_path))
    find = importlib.util.find_spec

    def without_pynvml(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name == "pynvml" else find(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", without_pynvml)
    monkeypatch.delitem(sys.modules, "pynvml", raising=False)
    try:
        assert load().MARK == "of vLLM"
    finally:
        sys.modules.pop("pynvml", None)
