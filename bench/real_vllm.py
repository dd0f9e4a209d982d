"""Our weights, KV tokens and longest lengths against those a real vLLM counted, from a file or live.

uv run python bench/real_vllm.py --check tests/data/real_vllm.json [--json]
uv run python bench/real_vllm.py --predict CONFIG.json --tp 2 --pp 1 --dtype bfloat16 --kv-gib 1 [--json]
uv run python bench/real_vllm.py [--only NAME] [--json]      starts vLLM (CPU) for each case of real_vllm_cases.json
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nim_profiles.kv_cache import KvLayout, kv_bytes_per_token, kv_layout
from nim_profiles.shape import AttentionCache, ModelShape, UnsupportedShape, UnsupportedSharding, read_shape
from nim_profiles.units import GIB
from nim_profiles.weights import weight_bytes_per_rank

# Run as a script, the folder of the script is on the path; run as a module, the repository's root is.
sys.path.insert(0, str(Path(__file__).parents[1]))
from bench.vllm_environment import vllm_process_environment, vllm_python

HERE = Path(__file__).parent
CPU_BLOCK_TOKENS = 128
CPU_LATENT_BLOCK_TOKENS = 16
"""What vLLM's CPU back end takes where a GPU takes 16 (`platforms/cpu.py`, vLLM 0.32)."""
CPU_BATCHED_TOKENS_PER_RANK = 4096
"""`max_num_batched_tokens` of the offline class on CPUs, for each rank (`engine/arg_utils.py`, vLLM 0.32)."""


@dataclass(frozen=True)
class Prediction:
    """What we say vLLM will count."""

    shape: ModelShape
    weight_bytes_per_rank: tuple[int, ...]
    """In vLLM's order of ranks: pipeline stage by pipeline stage."""
    layout: KvLayout
    block_tokens: int


def predict(
    config: Mapping[str, Any], settings: Mapping[str, Any], *, batched_tokens: int = 0, vision: bool = True
) -> Prediction:
    """`settings` in the words of the data file: tp, pp, dtype, kv_cache_dtype, block_size, max_num_batched_tokens, ...

    Raises UnsupportedShape or UnsupportedSharding.
    """
    shape = read_shape(config)
    tp, pp = int(settings.get("tp", 1)), int(settings.get("pp", 1))
    dtype = str(settings.get("dtype") or shape.dtype or "bfloat16")
    latent = any(isinstance(c, AttentionCache) and c.latent for layer in shape.layers for c in layer.caches)
    block = int(settings.get("block_size") or (CPU_LATENT_BLOCK_TOKENS if latent else CPU_BLOCK_TOKENS))
    batched = batched_tokens or settings.get("max_num_batched_tokens") or CPU_BATCHED_TOKENS_PER_RANK * tp * pp
    stages = weight_bytes_per_rank(shape, tensor_parallel=tp, pipeline_parallel=pp, dtype=dtype, vision=vision)
    layout = kv_layout(
        shape,
        tensor_parallel=tp,
        pipeline_parallel=pp,
        dtype=dtype,
        kv_dtype=str(settings.get("kv_cache_dtype", "auto")),
        block_size=block,
        max_batched_tokens=int(batched),
        prefix_caching=bool(settings.get("enable_prefix_caching", True)),
        hybrid_manager=not settings.get("disable_hybrid_kv_cache_manager", False),
    )
    return Prediction(shape, tuple(size for size in stages for _ in range(tp)), layout, block)


def check(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Every row against our figures."""
    wrong: list[dict[str, Any]] = []
    unsupported: list[dict[str, str]] = []
    errors: dict[str, list[float]] = {"weights": [], "kv_tokens": [], "max_len": []}
    for row in rows:
        try:
            compared = _compare(row, _predict_row(row))
        except (UnsupportedShape, UnsupportedSharding) as refusal:
            unsupported.append({"id": row["id"], "why": str(refusal)})
            continue
        for what, seen, ours, unit in compared:
            errors[what].append(abs(ours - seen) / max(unit, 1))
            if ours != seen:
                wrong.append({"id": row["id"], "what": what, "seen": seen, "ours": ours})
    worst = {"weights": "worst_rel", "kv_tokens": "worst_rel", "max_len": "worst_blocks"}
    terms = {what: {"exact": errors[what].count(0), worst[what]: max(errors[what], default=0)} for what in errors}
    return {"rows": len(rows), **terms, "unsupported": unsupported, "wrong": wrong}


def _compare(row: Mapping[str, Any], ours: Prediction) -> list[tuple[str, int, int, int]]:
    """What is compared, what vLLM counted, what we say, and the unit of the error."""
    seen, too_long, kv_bytes = row.get("seen"), row.get("too_long"), row["settings"]["kv_bytes"]
    compared = []
    if seen:
        pairs = zip(seen["weight_bytes_per_rank"], ours.weight_bytes_per_rank, strict=True)
        found, guess = max(pairs, key=lambda pair: abs(pair[1] - pair[0]))
        compared.append(("weights", found, guess, found))
        tokens = ours.layout.tokens(kv_bytes, seen["max_model_len"])
        compared.append(("kv_tokens", seen["kv_tokens"], tokens, seen["kv_tokens"]))
    if too_long:
        longest = ours.layout.longest(kv_bytes, too_long["max_model_len"])
        compared.append(("max_len", too_long["estimated_max_model_len"], longest, ours.block_tokens))
    return compared


def _predict_row(row: Mapping[str, Any]) -> Prediction:
    seen, settings, notes = row.get("seen") or {}, row["settings"], str(row.get("notes") or "")
    config = dict(row["config"])
    if "VLLM_MLA_DISABLE=1" in notes:
        config["use_mla"] = False
    limits = settings.get("limit_mm_per_prompt")
    vision = limits is None or any(limits.values()) or "RV_TOWER" in notes
    ours = predict(config, settings, batched_tokens=seen.get("max_num_batched_tokens") or 0, vision=vision)
    if vision and ours.shape.uncounted:
        raise UnsupportedShape(ours.shape.architecture, ours.shape.uncounted[0])
    return ours


def live(cases: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Starts vLLM once for every case; slow (half a minute each)."""
    python = vllm_python()
    compared, failed = [], []
    for case in cases:
        settings = case["settings"]
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "config.json").write_text(json.dumps(case["config"]))
            request = json.dumps({"model": folder, "settings": settings})
            done = subprocess.run(
                [python, HERE / "vllm_probe.py", request],
                capture_output=True,
                text=True,
                env=vllm_process_environment() | {"PYTHONPATH": str(HERE)},
                check=False,
            )
        name = {"arch": case["config"]["architectures"][0], "tp": settings.get("tp", 1), "pp": settings.get("pp", 1)}
        if done.returncode:
            failed.append(
                {**name, "why": done.stderr.strip().splitlines()[-1][:300] if done.stderr.strip() else "no output"}
            )
            continue
        seen = json.loads(done.stdout.strip().splitlines()[-1])
        ours = predict(case["config"], settings, batched_tokens=seen["max_num_batched_tokens"])
        figures = {
            "weights_seen": seen["weight_bytes_per_rank"],
            "weights_ours": list(ours.weight_bytes_per_rank),
            "kv_tokens_seen": seen["kv_tokens"],
            "kv_tokens_ours": ours.layout.tokens(settings["kv_bytes"], seen["max_model_len"]),
            "max_len_seen": seen["max_len"],
            "max_len_ours": ours.layout.longest(settings["kv_bytes"], seen["max_len_limit"]),
        }
        compared.append({**name, **figures})
        right = all(figures[f"{what}_seen"] == figures[f"{what}_ours"] for what in ("weights", "kv_tokens", "max_len"))
        print(f"{name['arch']} tp {name['tp']} pp {name['pp']}: {'exact' if right else figures}", file=sys.stderr)
    return {"cases": compared, "failed_to_start": failed}


def prediction_figures(
    config: Mapping[str, Any], settings: Mapping[str, Any], kv_bytes: int, max_model_len: int
) -> dict[str, Any]:
    ours = predict(config, settings)
    length = max_model_len or ours.shape.max_position_embeddings
    tp, pp = int(settings["tp"]), int(settings["pp"])
    return {
        "arch": ours.shape.architecture,
        "tp": tp,
        "pp": pp,
        "weights_ours": list(ours.weight_bytes_per_rank),
        "kv_tokens_ours": ours.layout.tokens(kv_bytes, length),
        "max_len_ours": ours.layout.longest(kv_bytes, length),
        "max_len_unlimited": ours.layout.longest(kv_bytes, 1 << 22),
        "max_model_len": length,
        "kv_bytes_per_token": kv_bytes_per_token(
            ours.shape, tensor_parallel=tp, pipeline_parallel=pp, dtype=settings["dtype"]
        ),
        "kv_bytes_per_block_per_stage": list(ours.layout.bytes_per_block),
        "parameters": ours.shape.parameter_count,
        "uncounted": list(ours.shape.uncounted),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", type=Path, metavar="FILE", help="rows in the format of tests/data/real_vllm.json")
    parser.add_argument("--predict", type=Path, metavar="CONFIG", help="a config.json")
    parser.add_argument("--tp", type=int, default=1)
    parser.add_argument("--pp", type=int, default=1)
    parser.add_argument("--dtype", default="bfloat16")
    parser.add_argument("--kv-gib", type=float, default=1.0, help="cache per rank")
    parser.add_argument("--max-model-len", type=int, default=0, help="default: what the model was made for")
    parser.add_argument("--block-size", type=int, help="default: that of vLLM's CPU back end")
    parser.add_argument("--max-num-batched-tokens", type=int, help="default: that of vLLM's CPU back end")
    parser.add_argument("--kv-cache-dtype", default="auto")
    parser.add_argument("--only", default="", help="live: cases whose architecture contains this")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if arguments.check:
        report = check(json.loads(arguments.check.read_text()))
        good = not report["wrong"] and not report["unsupported"]
    elif arguments.predict:
        settings = {
            "tp": arguments.tp,
            "pp": arguments.pp,
            "dtype": arguments.dtype,
            "block_size": arguments.block_size,
            "max_num_batched_tokens": arguments.max_num_batched_tokens,
            "kv_cache_dtype": arguments.kv_cache_dtype,
        }
        config = json.loads(arguments.predict.read_text())
        try:
            report = prediction_figures(config, settings, int(arguments.kv_gib * GIB), arguments.max_model_len)
        except (UnsupportedShape, UnsupportedSharding) as refusal:
            print(refusal, file=sys.stderr)
            return 2
        good = True
    else:
        cases = json.loads((HERE / "real_vllm_cases.json").read_text())
        report = live([case for case in cases if arguments.only in case["config"]["architectures"][0]])
        wrong = [
            case
            for case in report["cases"]
            if any(case[f"{what}_seen"] != case[f"{what}_ours"] for what in ("weights", "kv_tokens", "max_len"))
        ]
        good = not wrong and not report["failed_to_start"]
    print(json.dumps(report, indent=None if arguments.json else 2))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
