"""Image families: images of one family read the same environment variables."""

import re
from enum import StrEnum

NOT_LANGUAGE = re.compile(
    r"riva|parakeet|canary|embed|rerank|clip|ocr|yolox|-elements|table-structure|deplot|genmol|molmim|bionemo|fold|"
    r"diffdock|stable-diffusion|rfdiff|evo2|esm2|mpnn|flux|trellis|cosmos-(predict|transfer)|audio|translate|\b(tts|asr)\b"
)
"""Words in the names of NIMs that are neither language nor vision-language models (NVIDIA's catalogue, read
2026-08)."""

VISION = re.compile(r"(^|[-_.])(vision|vl|vlm|vila|multimodal|cosmos-reason\d*)([-_.]|$)")
"""Words in the names of vision-language NIMs (NVIDIA's catalogue, read 2026-08). A model that sees and does not say so
in its name counts as a language model: on 2.x that makes no difference, on 1.x two variables."""


class Family(StrEnum):
    LLM_1 = "llm-1"
    LLM_2 = "llm-2"
    """2.x and, as far as is published, 3.x."""
    VLM_1 = "vlm-1"
    VLM_2 = "vlm-2"
    VARIANT = "variant"
    """Tags that end in `-variant`: built for one model, and each with gaps of its own."""


def image_family(repository: str, tag: str | None) -> Family | None:
    """None for what is no language or vision-language NIM, and for tags without a version.

    `repository` may be a mirror: what counts is a part `nim` of its path.
    """
    *path, name = repository.lower().split("/")
    if "nim" not in path or NOT_LANGUAGE.search(name):
        return None
    if tag is not None and tag.endswith("-variant"):
        return Family.VARIANT
    version = re.match(r"(\d+)\.\d", tag or "")
    if version is None or version[1] == "0":
        return None
    sees, first = VISION.search(name) is not None, version[1] == "1"
    return (Family.VLM_1 if first else Family.VLM_2) if sees else (Family.LLM_1 if first else Family.LLM_2)
