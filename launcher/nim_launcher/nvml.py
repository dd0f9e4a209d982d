"""Where pynvml comes from: the image, the vLLM in the image, or the copy in our zip application."""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

VENDORED = "nim_launcher_vendored"
"""Folder in the zip application, so that our copy never stands in the way of the image's own."""


def load() -> ModuleType:
    """The first that is there. vLLM's copy is read from its file: importing vLLM itself takes ten seconds."""
    if importlib.util.find_spec("pynvml"):
        return importlib.import_module("pynvml")
    vllm = importlib.util.find_spec("vllm")
    for folder in (vllm and vllm.submodule_search_locations) or ():
        path = Path(folder) / "third_party" / "pynvml.py"
        spec = importlib.util.spec_from_file_location("pynvml", path) if path.is_file() else None
        if spec and spec.loader:
            module = importlib.util.module_from_spec(spec)
            sys.modules["pynvml"] = module
            spec.loader.exec_module(module)
            return module
    return importlib.import_module(f"{VENDORED}.pynvml")
