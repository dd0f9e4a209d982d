"""Images that behave like NIM's, of both generations: our own program on the base image, and a tiny model."""

from pathlib import Path

import nim_profiles
import nim_sandbox
from nim_profiles.gpu import CPU
from nim_profiles.manifest import V1, Manifest, write_manifest
from nim_sandbox.cache import Cache
from nim_sandbox.images import base
from nim_sandbox.images.layout import ImageConfig, write_layout
from nim_sandbox.images.recipe import Recipe, Report
from nim_sandbox.images.tiny_llama import MODEL, artifacts, model_files, profile
from nim_sandbox.images.tree import File, Folder, Link
from nim_sandbox.nim_like.cli import COMMANDS
from nim_sandbox.nim_like.container import MANIFEST, NGC

CODE = "opt/nim/python"
SCRIPT = "/opt/nim/start_server.sh"
"""The entry point of LLM images; there it is a shell script."""
RELEASES = {1: "1.8.0", 2: "2.0.0"}
REFERENCES = {generation: f"sandbox.local/nim/{MODEL}:{release}" for generation, release in RELEASES.items()}
"""By generation. The path has a part `nim` and the tag a version, by which settings are checked."""
START = b"#!/usr/bin/python3\nfrom nim_sandbox.nim_like.cli import main\n\nmain()\n"
DEFAULTS = {"NIM_LIKE_GPU": "NVIDIA-L40S", "PATH": "/usr/local/bin:/usr/bin", "PYTHONPATH": f"/{CODE}"}


def manifest(generation: int) -> Manifest:
    """Eight profiles: three precisions, LoRA, one for another GPU, two for processors, and two that share a name.

    1.x has no memory floor in its tags.
    """
    floor = {} if generation == 1 else {"min_vram_per_device_gb": "1.0"}
    plain = {"llm_engine": "vllm", "tp": "1", "pp": "1", "feat_lora": "false", **floor}
    spelled = (
        {"precision": "fp8"},
        {"precision": "bf16"},
        {"precision": "bf16", "feat_lora": "true"},
        {"precision": "fp16"},
        {"precision": "fp16", "nim_json_args": '{"max_model_len": 256}'},
        {"precision": "fp8", "gpu": "h200"},
        {"precision": "fp32", "gpu": CPU},
        {"precision": "bf16", "gpu": CPU},
    )
    files = artifacts(model_files())
    profiles = tuple(profile({**plain, **own}, files) for own in spelled)
    return Manifest(V1 if generation == 1 else "2.1", MODEL, RELEASES[generation], profiles)


def program(generation: int) -> dict[str, Folder | File | Link]:
    """Our layer: the program, what it imports, its manifest, and the files that it has for NGC's."""
    found: dict[str, Folder | File | Link] = {}
    for package, part in ((nim_profiles, ""), (nim_sandbox, "nim_like")):
        top = Path(package.__file__ or "").parent
        for path in sorted((top / part).rglob("*")):
            if path.suffix in {".py", ".json"}:
                found[f"{CODE}/{path.relative_to(top.parent)}"] = File(path.read_bytes())
    found[f"{CODE}/nim_sandbox/__init__.py"] = File(b"")
    found[SCRIPT.lstrip("/")] = File(START, 0o755)
    found |= {f"usr/local/bin/{command}": Link(SCRIPT) for command in COMMANDS}
    found[MANIFEST.lstrip("/")] = File(write_manifest(manifest(generation)).encode())
    found |= {f"{NGC.lstrip('/')}/{name}": File(content) for name, content in model_files().items()}
    return found


def recipe(generation: int) -> Recipe:
    layer = program(generation)

    def build(folder: Path, _work: Path, report: Report) -> None:
        below = base.recipe().layout(Cache.of(), report)
        labels = {"com.nvidia.nim.version": RELEASES[generation], "com.nvidia.nim.model": MODEL}
        env = {**DEFAULTS, "NIM_LIKE_GENERATION": str(generation)}
        write_layout(folder, REFERENCES[generation], [below, layer], ImageConfig((SCRIPT,), env, labels))

    return Recipe(
        REFERENCES[generation], base.recipe().inputs + repr((sorted(layer.items()), DEFAULTS)).encode(), build
    )
