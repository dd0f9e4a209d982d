"""Rows of start-up logs, read for the memory benches: which GPU, which configuration, which settings they mean."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nim_profiles.gpu import Gpu
from nim_profiles.memory.estimate import Estimate, estimate
from nim_profiles.memory.settings import NEWEST_VLLM, EngineSettings
from nim_profiles.memory.weights import weights
from nim_profiles.shape import AttentionCache, ModelShape, UnsupportedShape, read_shape
from nim_profiles.shape.quantization import DTYPE_BYTES, Quantization
from nim_profiles.units import GIB, MIB

Row = Mapping[str, Any]  # one JSON object

GPUS: dict[str, tuple[int, tuple[int, int]]] = {
    "A100-80GB": (81920, (8, 0)), "A100-40GB": (40960, (8, 0)), "H100-80GB": (81559, (9, 0)),
    "H100-NVL-94GB": (95830, (9, 0)), "H200": (143771, (9, 0)), "H20": (97871, (9, 0)), "GH200": (97871, (9, 0)),
    "B200": (183359, (10, 0)), "B300": (275040, (10, 3)), "GB10": (124546, (12, 1)), "GB200": (189471, (10, 0)),
    "T4": (15360, (7, 5)), "V100-16GB": (16384, (7, 0)), "V100-32GB": (32768, (7, 0)), "A10G": (23028, (8, 6)),
    "A10": (23028, (8, 6)), "A40": (46068, (8, 6)), "L4": (23034, (8, 9)), "L40": (46068, (8, 9)),
    "L40S": (46068, (8, 9)), "RTX A4000": (16376, (8, 6)), "RTX A5000": (24564, (8, 6)),
    "RTX A6000": (49140, (8, 6)), "RTX 6000 Ada": (49140, (8, 9)), "RTX PRO 6000": (97887, (12, 0)),
    "RTX 3060": (12288, (8, 6)), "RTX 3080": (10240, (8, 6)), "RTX 3090": (24576, (8, 6)),
    "RTX 4060 Ti": (16380, (8, 9)), "RTX 4070": (12282, (8, 9)), "RTX 4080": (16376, (8, 9)),
    "RTX 4090": (24564, (8, 9)), "RTX 5070 Ti": (16303, (12, 0)), "RTX 5080": (16303, (12, 0)),
    "RTX 5090": (32607, (12, 0)),
}  # fmt: skip
"""MiB that nvidia-smi reports, and compute capability, by the words that logs and posts use."""

CACHE_ONLY = "sizes_of_cache_only"
KV_DTYPES = ("fp8", "fp8_e4m3", "fp8_e5m2", "fp8_ds_mla")
FOREIGN_USE = re.compile(r"other use of the GPU|share the GPU|shared GPU|other process|unequal|bug", re.IGNORECASE)
"""Notes of rows whose free memory was not the engine's alone, or whose check was itself wrong."""
TEXT_SUFFIXES = re.compile(
    r"([-_](instruct|chat|it|thinking|base|hf|coder|bf16|fp16|fp8|int4|int8|awq|gptq|nvfp4|mxfp4|bnb|4bit|8bit|w4a16|w8a8|"
    r"gptq-int4|autoround|dynamic|v\d+(\.\d+)?|\d{4}))+$"
)


def words(name: str) -> str:
    """A model name without owner, remarks and the endings that do not change its shape."""
    text = (
        re.sub(r"\(.*?\)", "", name)
        .strip()
        .rsplit("/", 1)[-1]
        .lower()
        .replace("meta-llama", "llama")
        .replace("-coder", "")
    )
    text = re.sub(r"[\s_]+", "-", text)
    while (shorter := TEXT_SUFFIXES.sub("", text)) != text:
        text = shorter
    return text


def gpu_of(row: Row) -> Gpu | None:
    """None where the row names no GPU that we know; its logged total then has to do."""
    text = str(row["gpu"] or "").replace("80GB Hopper-class", "H100-80GB")
    key = text.upper().replace("-", " ").replace("NVIDIA ", "")
    known = [name for name in GPUS if re.search(rf"\b{re.escape(name.upper().replace('-', ' '))}\b", key)]
    if "+" in text or not known:
        return None
    name = max(known, key=len)
    mib, capability = GPUS[name]
    short = re.sub(r"-\d+GB$", "", name).replace("H100-NVL", "H100 NVL").removesuffix("-94GB")
    return Gpu(f"NVIDIA-{name}", short, mib * MIB, capability, "")


class CannotScore(Exception):
    """The reason, for the list of skipped rows."""


def _sizes(config: Row) -> tuple[object, ...]:
    family = re.match(r"[a-z]*", words(config["model"]))
    keys = ("num_hidden_layers", "hidden_size", "num_key_value_heads", "head_dim")
    return (family[0] if family else "", *(config.get(key) for key in keys))


FULL_ATTENTION = re.compile("Llama|Qwen2|Qwen3For|Qwen3Moe|Mistral|Phi3")


def cache_only(config: Row) -> Row:
    """Some entries give what the KV cache needs and no more: enough for its rate where all layers attend to all."""
    architecture = str(
        ((config.get("kaito") or {}).get("architectures") or config.get("architectures") or ["Llama"])[0]
    )
    sizes = [config.get(key) for key in ("num_hidden_layers", "hidden_size", "num_key_value_heads", "head_dim")]
    if not all(sizes) or config.get("kv_lora_rank") or not FULL_ATTENTION.match(architecture):
        raise CannotScore(f"the configuration of {config['model']} states some sizes only (no vocab_size)")
    layers, hidden, kv_heads, head = sizes
    names = {"num_hidden_layers": layers, "hidden_size": hidden, "num_key_value_heads": kv_heads, "head_dim": head}
    heads = config.get("num_attention_heads") or kv_heads
    rest = {"num_attention_heads": heads, "intermediate_size": 64, "vocab_size": 64, CACHE_ONLY: True}
    return {"model": config["model"], "architectures": ["LlamaForCausalLM"], **names, **rest}


def find_config(row: Row, configs: Sequence[Row]) -> Row:
    """The configuration of the row's model; else of a model of the same name but for its tuning, or of the same sizes.

    Some entries state sizes only: they stand for the full configuration of the same family with the same sizes.
    """
    name = row["model"]
    if not name:
        raise CannotScore("the row names no model")
    base = re.search(r"\(([A-Z][\w.]*-[\w.-]+)\)", name)
    wanted = {words(name)} | ({words(base[1])} if base else set())
    exact = [c for c in configs if c["model"] == re.sub(r" \(.*", "", name)]
    alike = [*exact, *sorted((c for c in configs if words(c["model"]) in wanted), key=lambda c: str(c["model"]))]
    same_sizes = [c for stub in alike if stub.get("head_dim") for c in configs if _sizes(c) == _sizes(stub)]
    if not alike:
        raise CannotScore(f"no configuration of {name} among the configs")
    found = next((c for c in [*alike, *same_sizes] if c.get("vocab_size") or c.get("text_config")), None)
    if found is None:
        return cache_only(alike[0])
    # The context length is the tuned model's own.
    own = alike[0].get("max_position_embeddings")
    return {**found, "max_position_embeddings": own} if own and found.get("max_position_embeddings") else found


SCHEMES = (
    ("nvfp4", "nvfp4"), ("mxfp4", "mxfp4"), ("awq", "awq"), ("gptq", "gptq"), ("bitsandbytes", "bitsandbytes"),
    ("int4", "int4"), ("fp8", "fp8"), ("compressed-tensors", ""),
)  # fmt: skip


def quantization_of(row: Row, config: Row) -> str | None:
    """None: what the configuration says. `none`: a plain checkpoint."""
    text = f"{row['quantization'] or ''} {row['model'] or ''}".lower()
    own = config.get("quantization_config") or config.get("hf_quant_config")
    scheme = next((scheme for word, scheme in SCHEMES if word in text), "none")
    if own and config["model"] == row["model"]:
        return None
    return scheme or None


@dataclass(frozen=True)
class Case:
    """A row with everything that the estimate needs."""

    row: Row
    shape: ModelShape
    own_config: bool
    quantization: str | None
    dtype: str
    tensor_parallel: int
    pipeline_parallel: int
    cache_only: bool
    """The configuration says enough for the KV cache only."""

    @property
    def is_quantized(self) -> bool:
        return (
            self.shape.quantization if self.quantization is None else Quantization.named(self.quantization)
        ) is not None

    def weights_gib(self) -> float:
        ranks = weights(
            self.shape,
            tensor_parallel=self.tensor_parallel,
            pipeline_parallel=self.pipeline_parallel,
            dtype=self.dtype,
            quantization=self.quantization,
        )
        return max(rank.likely_bytes for rank in ranks) / GIB

    def weights_unknown(self) -> str:
        """Why no configuration tells the weights of this very checkpoint; empty where one does."""
        if self.cache_only:
            return f"the configuration of {self.shape.name} states some sizes only (no vocab_size)"
        if "embedding" in str(self.row["model"]).lower():
            return "an embedding model has no output matrix, and its own configuration is not given"
        if "partly" in str(self.row["quantization"]):
            return f"which parts are in 16 bits is not stated: {self.row['quantization']}"
        if self.is_quantized and not self.own_config and self.quantization not in ("awq", "gptq", "fp8", "mxfp4"):
            return f"which parts this {self.row['quantization']} checkpoint keeps in 16 bits only its own config tells"
        return ""

    def has_mixed_layers(self) -> bool:
        kinds = {
            (cache.window_tokens, cache.chunk_tokens, cache.kind) if isinstance(cache, AttentionCache) else None
            for layer in self.shape.layers
            for cache in layer.caches
        }
        return len(kinds) > 1

    def settings(self) -> EngineSettings:
        row, version = self.row, str(self.row["vllm_version"] or "")
        return EngineSettings(
            vllm_version=version
            if re.match(r"\d+\.\d+", version) and ".dev19" not in version
            else assumed_version(row),
            max_model_len=row["max_model_len"],
            max_num_seqs=row["max_num_seqs"],
            max_num_batched_tokens=row["max_num_batched_tokens"],
            gpu_memory_utilization=utilization(row),
            kv_dtype=str(row["kv_cache_dtype"]) if str(row["kv_cache_dtype"]) in KV_DTYPES else "auto",
            enforce_eager=bool(row["enforce_eager"]),
        )

    def estimate(self) -> Estimate:
        if self.cache_only:
            raise CannotScore(f"estimate: {self.weights_unknown()}")
        row, gpu = self.row, gpu_of(self.row)
        total = row["gpu_total_gib"]
        if gpu is None and total is None:
            raise CannotScore(f"gpu is {row['gpu']!r} and no total is given")
        if gpu is None:
            if total >= 70 and not row["max_num_seqs"] and "V0" not in str(row["notes"] or "") and row["vllm_version"]:
                raise CannotScore(f"gpu is {row['gpu']!r}: which GPU, and so its default batch sizes, is not stated")
            gpu = Gpu("unknown A100", "unknown", int(total * GIB), (8, 0), "")
        return estimate(
            self.shape,
            gpu,
            tensor_parallel=self.tensor_parallel,
            pipeline_parallel=self.pipeline_parallel,
            dtype=self.dtype,
            quantization=self.quantization,
            settings=self.settings(),
            cuda_total_bytes=None if total is None else int(total * GIB),
        )


def assumed_version(row: Row) -> str:
    """Rows without a release: the engine whose message the row quotes, else the last that samples by sorting."""
    if "maximum number of tokens that can be stored" in str(row["error"] or "") or "V0" in str(row["notes"] or ""):
        return "0.6"
    return NEWEST_VLLM if ".dev19" in str(row["vllm_version"] or "") else "0.11"


def utilization(row: Row) -> float | None:
    """m047's stored value contradicts its own columns; 0.95 closes them to 0.001 GiB (memory test data, section 13)."""
    return 0.95 if row["id"] == "m047" and row["gpu_memory_utilization"] == 0.9 else row["gpu_memory_utilization"]


def case_of(row: Row, configs: Sequence[Row]) -> Case:
    config = find_config(row, configs)
    if row["tp"] is None:
        raise CannotScore("tensor parallel size is not given")
    try:
        shape = read_shape(config, config["model"])
    except UnsupportedShape as refusal:
        raise CannotScore(str(refusal)) from None
    return Case(
        row=row,
        shape=shape,
        own_config=config["model"] == row["model"],
        quantization=quantization_of(row, config),
        dtype=row["dtype"] if row["dtype"] in DTYPE_BYTES else "bfloat16",
        tensor_parallel=row["tp"],
        pipeline_parallel=row["pp"],
        cache_only=CACHE_ONLY in config,
    )
