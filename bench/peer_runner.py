"""Runs inside a peer's own environment: cases as JSON on standard input, the peer's answers on standard output.

An answer has what the peer tells: `kv_available_gib` (KV cache per GPU), `kv_bytes_per_token`, `fits`; or `error`.
"""

import json
import sys
from contextlib import redirect_stderr, redirect_stdout, suppress
from importlib.metadata import entry_points
from io import StringIO
from pathlib import Path
from typing import Any

GIB = 1024**3
Answer = dict[str, Any]  # JSON


def tool(name: str, *arguments: str) -> Any:
    """JSON that the peer's command prints; called in this process, since most of a start is imports."""
    (command,) = entry_points(group="console_scripts", name=name)
    out, err, sys.argv = StringIO(), StringIO(), [name, *arguments]
    with redirect_stdout(out), redirect_stderr(err), suppress(SystemExit):
        command.load()()
    text = out.getvalue()
    if "{" not in text:
        raise ValueError((err.getvalue() or text or "no answer").strip().splitlines()[-1][:200])
    found = json.loads(text[text.index("{") :])
    if "error" in found:
        raise ValueError(str(found["error"]))
    return found


def vramscout(case: Answer) -> Answer:
    words = ["--vram-gib", str(case["total_gib"]), "--tp", str(case["tp"]), "--context", str(case["max_model_len"])]
    words += ["--engine", "vllm", "--gpu-memory-utilization", str(case["utilization"]), "--json"]
    found = tool("vramscout", case["config_folder"], *words)
    parts = found["parts_gib"]
    kept = [size for name, size in parts.items() if "cache" in name.lower() or "state" in name.lower()]
    other = sum(parts.values()) - sum(kept)
    rate = sum(kept) * GIB / case["max_model_len"]
    return {"kv_available_gib": found["memory_budget_gib"] - other, "kv_bytes_per_token": rate, "fits": found["fits"]}


RIDGEPOINT_MODELS = ("llama-3-8b", "llama-3-70b", "deepseek-v2-lite", "deepseek-r1")
RIDGEPOINT_GPUS = {"A100-80GB": "a100-80gb", "H100-80GB": "h100-80gb", "H200": "h200"}


def ridgepoint(case: Answer) -> Answer:
    model = case["words"]
    gpu = RIDGEPOINT_GPUS.get(case["gpu"])
    if model not in RIDGEPOINT_MODELS or not gpu:
        raise ValueError("offline it knows nine models and eleven GPUs; others come from the model hub")
    if case["utilization"] != 0.9:
        raise ValueError("its utilization is fixed at 0.90")
    words = ["fit", model, "--gpu", f"{gpu}:{case['tp']}", "--ctx", str(case["max_model_len"]), "--json"]
    found = tool("ridgepoint", *words)
    pool = found["memory"]["kv_pool_bytes"]["best"] / case["tp"]
    rate = found["capacity"]["bytes_per_seq"] / case["max_model_len"] / case["tp"]
    return {"kv_available_gib": pool / GIB, "kv_bytes_per_token": rate, "fits": found["verdict"]["serves"]}


def hf_mem(case: Answer) -> Answer:
    from hf_mem.safetensors.kv_cache import compute_safetensors_kv_cache_size  # type: ignore[import-not-found]  # noqa: PLC0415 - its own environment

    config = json.loads((Path(case["config_folder"]) / "config.json").read_text())
    size = compute_safetensors_kv_cache_size(config, "F8_E4M3" if case["kv_dtype"] == "fp8" else "BF16", 4096, 1)
    return {"kv_bytes_per_token": size / 4096 / case["tp"]}


def llm_sizer(case: Answer) -> Answer:
    precision = {"awq": "q4", "gptq": "q4", "mxfp4": "q4", "fp8": "q8"}.get(case["quantization"] or "", "bf16")
    context = case["max_model_len"]
    found = tool("llm-sizer", "-m", case["words"], "-q", precision, "-c", str(context), "--json")["vram_gb"]
    budget = case["total_gib"] * case["utilization"]
    rate = found["kv_cache"] * GIB / context / case["tp"]
    available = budget - found["weights"] / case["tp"]
    return {"kv_available_gib": available, "kv_bytes_per_token": rate, "fits": found["total"] / case["tp"] <= budget}


AICONFIGURATOR_GPUS = {
    "A100-80GB": "a100_sxm",
    "H100-80GB": "h100_sxm",
    "H200": "h200_sxm",
    "B200": "b200_sxm",
    "L40S": "l40s",
}


def aiconfigurator(case: Answer) -> Answer:
    from aiconfigurator_core.sdk.memory import estimate_kv_cache  # type: ignore[import-not-found]  # noqa: PLC0415 - as above

    if case["gpu"] not in AICONFIGURATOR_GPUS:
        raise ValueError(f"has no system for {case['gpu']}")

    def ask(model: str) -> Answer:
        found: Answer = estimate_kv_cache(
            model,
            AICONFIGURATOR_GPUS[case["gpu"]],
            "vllm",
            "current",
            max_num_tokens=case["max_num_batched_tokens"],
            max_batch_size=case["max_num_seqs"],
            memory_fraction_kind="of_total",
            memory_fraction_value=case["utilization"],
            tp_size=case["tp"],
            pp_size=case["pp"],
            gpu_memory_capacity_bytes_override=int(case["total_gib"] * GIB),
        )
        return found

    try:  # the models it brings along go by name, others by folder
        found = ask(case["config_model"])
    except ValueError as refusal:
        if "no KV budget" in str(refusal):
            return {"fits": False}
        found = ask(case["config_folder"])
    fits = found["total_kv_size_tokens"] >= case["max_model_len"]
    rate = found["kv_size_per_token_bytes"]
    return {"kv_available_gib": found["total_kv_size_bytes"] / GIB, "kv_bytes_per_token": rate, "fits": fits}


PEERS = {
    "vramscout": vramscout,
    "ridgepoint": ridgepoint,
    "hf-mem": hf_mem,
    "llm-sizer": llm_sizer,
    "aiconfigurator": aiconfigurator,
}


def main() -> None:
    peer = PEERS[sys.argv[1]]
    answers = []
    for case in json.load(sys.stdin):
        try:
            answers.append(peer(case))
        except Exception as error:  # noqa: BLE001 - whatever a peer raises is its answer
            answers.append({"error": f"{type(error).__name__}: {error}"[:300]})
    print("ANSWERS " + json.dumps(answers))


if __name__ == "__main__":
    main()
