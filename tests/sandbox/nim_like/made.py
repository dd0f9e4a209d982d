"""Containers of the NIM-like image, without an image."""

from dataclasses import dataclass
from pathlib import Path

from nim_profiles.manifest import write_manifest
from nim_sandbox.images import nim
from nim_sandbox.images.tiny_llama import write_model
from nim_sandbox.nim_like.container import MANIFEST, NGC, Container


@dataclass(frozen=True)
class Made:
    """With an L40S, a cache of their own, and the variables that are given on top."""

    root: Path

    def __call__(self, **environ: str) -> Container:
        generation = int(environ.get("NIM_LIKE_GENERATION", "2"))
        manifest = self.root / MANIFEST.lstrip("/")
        manifest.parent.mkdir(parents=True, exist_ok=True)
        manifest.write_text(write_manifest(nim.manifest(generation)))
        write_model(self.root / NGC.lstrip("/"))
        usual = {**nim.DEFAULTS, "NIM_CACHE_PATH": str(self.root / "cache"), "NIM_LIKE_LOAD_SECONDS": "0"}
        return Container.of({**usual, **environ}, self.root)
