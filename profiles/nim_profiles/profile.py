"""A profile: one row of a NIM image's manifest, with the numbers that decide where it runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file of a profile's workspace."""

    path: str
    """Relative to the workspace."""
    uri: str
    checksum: str | None = None
    """As written, with its algorithm: `blake3:<hex>`."""
    size_bytes: int | None = None
    """None where the manifest gives no size."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Tags are strings exactly as in the manifest (`'33.0'`, `'false'`): the id is a hash of that spelling.

    A profile read from a listing has only the tags that its name spells out; `tags_complete` is False then.
    """

    id: str
    """64 lower-case hex characters."""
    name: str
    """As the container prints it, e.g. `vllm-fp8-tp1-pp1-27.0`."""
    tags: Mapping[str, str]
    tags_complete: bool = True
    artifacts: tuple[Artifact, ...] = ()
    workspace_hash: str | None = None
    """Profiles with one workspace hash share one download."""
    download_bytes: int | None = None
    """Bytes that serving this profile downloads; None where nobody has said."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "tags", MappingProxyType(dict(self.tags)))

    def __hash__(self) -> int:
        return hash((self.id, self.name))

    @property
    def engine(self) -> str | None:
        """`vllm`, `tensorrt_llm`, `sglang`, ...; None for profiles that do not name one."""
        return self.tags.get("llm_engine")

    @property
    def precision(self) -> str | None:
        return self.tags.get("precision")

    @property
    def tensor_parallel(self) -> int:
        return int(self.tags.get("tp", "1"))

    @property
    def pipeline_parallel(self) -> int:
        return int(self.tags.get("pp", "1"))

    @property
    def gpu_count(self) -> int:
        """GPUs of one replica: tensor x pipeline. `number_of_gpus` in 1.1x tags may differ; it is shown, not used."""
        return self.tensor_parallel * self.pipeline_parallel

    @property
    def lora(self) -> bool:
        return self.tags.get("feat_lora", "false").lower() == "true"

    @property
    def gpu(self) -> str | None:
        """GPU word of a hardware-specific profile (`h100`, `l40s`); None for generic ones."""
        return self.tags.get("gpu")

    @property
    def min_vram_per_device_gb(self) -> float | None:
        """NVIDIA's own floor, decimal GB; None where the manifest gives none."""
        text = self.tags.get("min_vram_per_device_gb")
        return None if text is None else float(text)
