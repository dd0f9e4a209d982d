"""Peers that estimate vLLM's memory, on the same rows as ours in the same run: `estimators.py DATA --configs CONFIGS`.

Each peer is installed by uv into an environment of its own under the cache folder. What a peer cannot answer is listed.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nim_profiles.shape import UnsupportedShape, UnsupportedSharding
from nim_profiles.units import GIB

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a script from any folder

from bench.memory_accuracy import score_kv_available, score_kv_rate, score_verdict
from bench.memory_rows import CannotScore, Case, Row, case_of, find_config, gpu_of, words

PEERS = {
    "vramscout": "0.7.0",
    "ridgepoint": "0.1.2",
    "hf-mem": "0.5.6",
    "llm-sizer": "0.1.0",
    "aiconfigurator": "0.12.0",
}
NOT_RUN = {
    "kvfit 0.3.0": "its command reads every model from the model hub; no entry point takes a local config.json",
    "accelerate estimate-memory": "reads checkpoints from the model hub; says nothing of KV cache or engine",
    "KAITO, GPUStack, llm-d planner": "not in a package registry as an estimator",
    "NIM list-model-profiles": "needs the container and its GPU",
    "npm": "no estimator for vLLM known there",
}
Answer = Mapping[str, Any]  # JSON of a peer


def environment(peer: str, version: str) -> Path:
    """The interpreter of the peer's environment, made on first use."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nim-bench" / f"{peer}-{version}"
    python = cache / "bin/python"
    if not (cache / "installed").exists():
        subprocess.run(["uv", "venv", "--quiet", "--clear", "--python", "3.11", str(cache)], check=True)
        subprocess.run(["uv", "pip", "install", "--quiet", "--python", str(python), f"{peer}=={version}"], check=True)
        (cache / "installed").touch()
    return python


def question(case: Case, config: Row, folder: Path) -> dict[str, Any]:
    """What a peer is told: the row's settings, with vLLM's defaults filled in, and the device as CUDA reports it."""
    found = case.estimate()
    run, gpu = found.settings, gpu_of(case.row)
    where = folder / str(case.row["id"])
    where.mkdir()
    plain = {key: value for key, value in config.items() if "quant" not in key}
    (where / "config.json").write_text(json.dumps(plain if case.quantization == "none" else config))
    return {
        "config_folder": str(where),
        "config_model": config["model"],
        "words": words(case.row["model"]),
        "gpu": "" if gpu is None else gpu.product.removeprefix("NVIDIA-"),
        "total_gib": found.device.likely_bytes / GIB,
        "utilization": run.gpu_memory_utilization,
        "max_model_len": run.max_model_len,
        "max_num_seqs": run.max_num_seqs,
        "max_num_batched_tokens": run.max_num_batched_tokens,
        "kv_dtype": run.kv_dtype,
        "quantization": case.quantization,
        "tp": case.tensor_parallel,
        "pp": case.pipeline_parallel,
    }


def ask(peer: str, questions: Sequence[Mapping[str, Any]]) -> list[Answer]:
    runner = Path(__file__).with_name("peer_runner.py")
    python = environment(peer, PEERS[peer])
    offline = {**os.environ, "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [str(python), str(runner), peer],
        input=json.dumps(questions),
        capture_output=True,
        text=True,
        env=offline,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("ANSWERS ")]
    if not lines:
        last = (done.stderr.strip() or "no answer").splitlines()[-1]
        return [{"error": last}] * len(questions)
    answers: list[Answer] = json.loads(lines[0].removeprefix("ANSWERS "))
    return answers


def ours(case: Case) -> Answer:
    """Errors instead of figures, since the accuracy bench already takes them against the row."""
    found: dict[str, Any] = {}
    for name, measure in (("kv_available_error", score_kv_available), ("kv_rate_error", score_kv_rate)):
        try:
            found[name] = measure(case)
        except CannotScore:
            continue
    try:
        verdict = score_verdict(case)
    except CannotScore:
        verdict = None
    return {**found, "verdict": verdict}


def errors(answer: Answer, case: Case, own: Answer) -> dict[str, Any]:
    """The peer's errors on the figures that we are scored on too."""
    row, found = case.row, dict[str, Any]()
    if own.get("kv_available_error") is not None and answer.get("kv_available_gib") is not None:
        found["kv_available_error"] = answer["kv_available_gib"] - row["kv_cache_gib_per_gpu"]
    if own.get("kv_rate_error") is not None and answer.get("kv_bytes_per_token"):
        found["kv_rate_error"] = (
            answer["kv_bytes_per_token"] / (row["kv_cache_gib_per_gpu"] * GIB / row["kv_tokens"]) - 1
        )
    if own.get("verdict") is not None and answer.get("fits") is not None:
        found["verdict"] = (answer["fits"], row["fits"])
    return found


def line(scored: Mapping[str, Answer], only: Sequence[str] | None = None) -> dict[str, Any]:
    """One row of the table, over `only` these rows of the data."""
    rows = [found for row, found in scored.items() if only is None or row in only]
    kv = [found["kv_available_error"] for found in rows if found.get("kv_available_error") is not None]
    rate = [abs(found["kv_rate_error"]) for found in rows if found.get("kv_rate_error") is not None]
    verdicts = [found["verdict"] for found in rows if found.get("verdict") is not None]
    return {
        "kv_rows": len(kv),
        "kv_median_gib": round(statistics.median(map(abs, kv)), 2) if kv else None,
        "kv_worst_over_gib": round(max(0.0, *kv), 2) if kv else None,
        "kv_worst_under_gib": round(min(0.0, *kv), 2) if kv else None,
        "rate_rows": len(rate),
        "rate_worst_rel": round(max(rate), 4) if rate else None,
        "verdict_rows": len(verdicts),
        "false_fits": sum(1 for said, was in verdicts if said and not was),
        "false_refusals": sum(1 for said, was in verdicts if was and not said),
    }


def run(rows: Sequence[Row], configs: Sequence[Row]) -> dict[str, Any]:
    cases: dict[str, tuple[Case, dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for row in rows:
            try:
                case = case_of(row, configs)
                if case.weights_unknown():  # nobody can know them, so nobody is asked
                    continue
                cases[row["id"]] = (case, question(case, find_config(row, configs), Path(scratch)))
            except (CannotScore, UnsupportedShape, UnsupportedSharding):
                continue
        own = {name: ours(case) for name, (case, _) in cases.items()}
        table, refused = {"ours": line(own)}, dict[str, dict[str, str]]()
        for peer, version in PEERS.items():
            answers = dict(zip(cases, ask(peer, [asked for _, asked in cases.values()]), strict=True))
            refused[peer] = {name: str(answer["error"])[:120] for name, answer in answers.items() if "error" in answer}
            scored = {name: errors(answers[name], case, own[name]) for name, (case, _) in cases.items()}
            table[f"{peer} {version}"] = line(scored)
            answered = [name for name in cases if name not in refused[peer]]
            table[f"  ours on the rows of {peer}"] = line(own, answered)
    return {"table": table, "refused": refused, "not_run": NOT_RUN}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--configs", type=Path, required=True)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = run(json.loads(options.data.read_text()), json.loads(options.configs.read_text()))
    if options.json:
        print(json.dumps(found, indent=1))
        return 0
    heads = list(next(iter(found["table"].values())))
    print(f"{'':38}" + "".join(f"{head:>20}" for head in heads))
    for name, figures in found["table"].items():
        print(f"{name:38}" + "".join(f"{'-' if figure is None else figure:>20}" for figure in figures.values()))
    for peer, rows in found["refused"].items():
        reasons = list(dict.fromkeys(rows.values()))
        print(f"{peer}: no answer on {len(rows)} rows" + "".join(f"\n    {reason}" for reason in reasons[:4]))
    for peer, why in found["not_run"].items():
        print(f"not run: {peer}: {why}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
