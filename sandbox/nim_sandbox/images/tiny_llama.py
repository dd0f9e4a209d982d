"""A random Llama so small that a real vLLM serves it on two cores, written without torch or transformers."""

import hashlib
import json
import random
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nim_profiles.manifest import Manifest, write_manifest
from nim_profiles.name import ProfileName
from nim_profiles.profile import Artifact, Profile
from nim_profiles.profile_id import profile_id

HIDDEN, LAYERS, HEADS, KV_HEADS, HEAD, INNER = 64, 2, 2, 1, 32, 128
"""`head_dim` must be 32 or more: with 16 vLLM's CPU back end starts, and the first request kills it."""
LENGTH = 512
VOCABULARY = 258
"""One token a byte, and two that begin and end a text."""
MODEL = "tiny/llama"
WORKSPACE = "ab" * 32
CHAT_TEMPLATE = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant:"


def model_files() -> dict[str, bytes]:
    """By name; the same bytes every time."""
    config = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": HIDDEN,
        "intermediate_size": INNER,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "num_key_value_heads": KV_HEADS,
        "head_dim": HEAD,
        "max_position_embeddings": LENGTH,
        "vocab_size": VOCABULARY,
        "rms_norm_eps": 1e-05,
        "hidden_act": "silu",
        "tie_word_embeddings": True,
        "torch_dtype": "float32",
        "bos_token_id": 256,
        "eos_token_id": 257,
    }
    special = {"bos_token": "<s>", "eos_token": "</s>", "chat_template": CHAT_TEMPLATE}
    return {
        "config.json": json.dumps(config).encode(),
        "tokenizer.json": json.dumps(_tokenizer()).encode(),
        "tokenizer_config.json": json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", **special}).encode(),
        "model.safetensors": _safetensors(_shapes()),
    }


def write_model(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in model_files().items():
        (folder / name).write_bytes(content)


def _shapes() -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {
        "model.embed_tokens.weight": (VOCABULARY, HIDDEN),
        "model.norm.weight": (HIDDEN,),
    }
    for layer in range(LAYERS):
        at = f"model.layers.{layer}"
        shapes |= {
            f"{at}.input_layernorm.weight": (HIDDEN,),
            f"{at}.post_attention_layernorm.weight": (HIDDEN,),
            f"{at}.self_attn.q_proj.weight": (HEADS * HEAD, HIDDEN),
            f"{at}.self_attn.k_proj.weight": (KV_HEADS * HEAD, HIDDEN),
            f"{at}.self_attn.v_proj.weight": (KV_HEADS * HEAD, HIDDEN),
            f"{at}.self_attn.o_proj.weight": (HIDDEN, HEADS * HEAD),
            f"{at}.mlp.gate_proj.weight": (INNER, HIDDEN),
            f"{at}.mlp.up_proj.weight": (INNER, HIDDEN),
            f"{at}.mlp.down_proj.weight": (HIDDEN, INNER),
        }
    return shapes


def _safetensors(shapes: dict[str, tuple[int, ...]]) -> bytes:
    """Format: eight bytes of header length, a JSON header, raw little-endian numbers."""
    source = random.Random(8)  # noqa: S311 - weights, no secrets
    header: dict[str, Any] = {}  # Any: JSON
    body = bytearray()
    for name, shape in shapes.items():
        count = shape[0] * (shape[1] if len(shape) > 1 else 1)
        ones = name.endswith(("norm.weight", "layernorm.weight"))
        values = [1.0 if ones else source.gauss(0, 0.05) for _ in range(count)]
        begin = len(body)
        body += struct.pack(f"<{count}f", *values)
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [begin, len(body)]}
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(body)


def _tokenizer() -> dict[str, Any]:  # Any: JSON
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {byte: chr(byte) for byte in shown}
    letters |= {byte: chr(256 + rank) for rank, byte in enumerate(b for b in range(256) if b not in letters)}
    vocabulary = {letters[byte]: byte for byte in range(256)} | {"<s>": 256, "</s>": 257}
    special = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return {
        "version": "1.0",
        "added_tokens": [{"id": 256, "content": "<s>", **special}, {"id": 257, "content": "</s>", **special}],
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False},
        "decoder": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False},
        "model": {"type": "BPE", "vocab": vocabulary, "merges": [], "unk_token": None},
    }


def artifacts(files: Mapping[str, bytes]) -> tuple[Artifact, ...]:
    return tuple(
        Artifact(
            name,
            f"ngc://nim/tiny/llama:1?file={name}",
            f"sha256:{hashlib.sha256(content).hexdigest()}",
            len(content),
        )
        for name, content in sorted(files.items())
    )


def cpu_manifest(files: Mapping[str, bytes]) -> Manifest:
    """Two profiles without GPUs, float32 with 256 tokens and bfloat16, which share one download.

    `enforce_eager`, since what vLLM compiles for CPUs wants a C++ compiler, which no image has. 64 MB of KV cache,
    since vLLM would take most of the machine's memory.
    """
    common = {"llm_engine": "vllm", "gpu": "cpu", "tp": "1", "pp": "1", "feat_lora": "false"}
    small = {"enforce_eager": True, "kv_cache_memory_bytes": "64M"}
    spelled = (
        {"precision": "fp32", "nim_json_args": json.dumps({**small, "max_model_len": 256})},
        {"precision": "bf16", "nim_json_args": json.dumps(small)},
    )
    return Manifest("2.1", MODEL, "1.0", tuple(profile({**common, **own}, artifacts(files)) for own in spelled))


def profile(tags: Mapping[str, str], files: tuple[Artifact, ...]) -> Profile:
    name = str(ProfileName.from_tags(tags))
    sizes = [file.size_bytes or 0 for file in files]
    return Profile(profile_id(tags), name, tags, True, files, WORKSPACE, sum(sizes))  # noqa: FBT003 - the tags are whole


def write_tiny_manifest(path: Path, model: Path) -> tuple[Profile, Profile]:
    """`cpu_manifest` of the files in the folder `model`, and its two profiles."""
    manifest = cpu_manifest({file.name: file.read_bytes() for file in model.iterdir()})
    path.write_text(write_manifest(manifest))
    return manifest.profiles[0], manifest.profiles[1]
