"""What a container is told by its environment, and what it is in itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nim_profiles.gpu import Gpu
from nim_profiles.instance import gpu_of_product
from nim_profiles.listing import ListedGpu
from nim_profiles.manifest import Manifest, read_manifest

MANIFEST = "/opt/nim/etc/default/model_manifest.yaml"
"""As in LLM images."""
NGC = "/opt/nim/ngc"
"""Stands for NGC: the files of the one model, by their paths in the workspace."""
CACHE = "/opt/nim/.cache"
"""Default of NIM_CACHE_PATH."""


class Ends(Exception):
    """The container says this and ends with exit code 1."""


@dataclass(frozen=True, slots=True)
class Container:
    generation: int
    """1 or 2, the first number of NIM's version."""
    manifest_path: Path
    manifest: Manifest
    wanted: str | None
    """NIM_MODEL_PROFILE."""
    allows_unsafe: bool
    cache: Path
    source: str
    """A folder, or an http(s) address of the same files."""
    needs_key: bool
    """NGC asks for one, a mirror does not."""
    api_key: str
    may_download: bool
    port: int
    gpu: Gpu | None
    """What the variable NIM_LIKE_GPU says; all GPUs are of one product and free."""
    gpu_count: int
    load_seconds: float
    """NIM_LIKE_LOAD_SECONDS: from the start of the server until it is ready."""

    @classmethod
    def of(cls, environ: Mapping[str, str], root: Path = Path("/")) -> "Container":
        """Raises BadManifest."""
        manifest_path = root / MANIFEST.lstrip("/")
        product = environ.get("NIM_LIKE_GPU", "")
        mirror = environ.get("NIM_REPOSITORY_OVERRIDE", "").rstrip("/")
        return cls(
            generation=int(environ.get("NIM_LIKE_GENERATION", "2")),
            manifest_path=manifest_path,
            manifest=read_manifest(manifest_path),
            wanted=environ.get("NIM_MODEL_PROFILE"),
            allows_unsafe=environ.get("NIM_MANIFEST_ALLOW_UNSAFE") == "1",
            cache=Path(environ.get("NIM_CACHE_PATH") or CACHE),
            source=mirror or str(root / NGC.lstrip("/")),
            needs_key=not mirror,
            api_key=environ.get("NGC_API_KEY", ""),
            may_download=environ.get("NIM_DISABLE_MODEL_DOWNLOAD", "0") not in {"1", "true"},
            port=int(environ.get("NIM_SERVER_PORT") or "8000"),
            gpu=gpu_of_product(product) if product else None,
            gpu_count=int(environ.get("NIM_LIKE_GPU_COUNT", "1")) if product else 0,
            load_seconds=float(environ.get("NIM_LIKE_LOAD_SECONDS", "1")),
        )

    @property
    def listed_gpus(self) -> tuple[ListedGpu, ...]:
        if self.gpu is None:
            return ()
        name = f"NVIDIA {self.gpu.short_name}"
        return tuple(
            ListedGpu("0000:10de", index, name, free=True, utilization_percent=0) for index in range(self.gpu_count)
        )
