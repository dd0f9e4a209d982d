"""How near the memory estimates come to what real vLLM servers logged: `memory_accuracy.py DATA --configs CONFIGS`.

DATA: rows of start-up logs in the form of tests/data/vllm_memory.json. CONFIGS: a list of config.json objects with
their `model` name. Every row that cannot be scored is listed with its reason.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nim_profiles.kv_cache import kv_bytes_per_token
from nim_profiles.units import GIB

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a script from any folder

from bench import memory_constants
from bench.memory_rows import FOREIGN_USE, CannotScore, Case, Row, case_of


@dataclass
class Score:
    """One figure over its rows: ours less the measured one."""

    unit: str
    errors: dict[str, float] = field(default_factory=dict)

    def summary(self) -> dict[str, float | int | None]:
        sizes = sorted(abs(error) for error in self.errors.values())
        if not sizes:
            return {"rows": 0}
        over, under = max(self.errors.values()), min(self.errors.values())
        found: dict[str, float | int | None] = {
            "rows": len(sizes),
            f"median_{self.unit}": round(statistics.median(sizes), 5),
        }
        p90 = sizes[min(len(sizes) - 1, int(0.9 * len(sizes)))]
        found |= {f"p90_{self.unit}": round(p90, 5), f"worst_{self.unit}": round(sizes[-1], 5)}
        return found | {
            f"worst_over_{self.unit}": round(max(over, 0.0), 5),
            f"worst_under_{self.unit}": round(min(under, 0.0), 5),
        }


def score_weights(case: Case) -> float | None:
    """Relative error; None where the row prints no weights."""
    measured = case.row["weights_gib_per_gpu"]
    if measured is None:
        return None
    if reason := case.weights_unknown():
        raise CannotScore(f"weights: {reason}")
    return float(case.weights_gib() / measured - 1)


def score_kv_rate(case: Case) -> float | None:
    """Relative error of the bytes one token takes; only layers of one kind give a rate."""
    gib, tokens = case.row["kv_cache_gib_per_gpu"], case.row["kv_tokens"]
    if not tokens or gib is None or gib <= 0:
        return None
    if case.has_mixed_layers():
        raise CannotScore("KV bytes per token: mixed layers, so the printed tokens are a derived figure")
    ours = kv_bytes_per_token(
        case.shape,
        tensor_parallel=case.tensor_parallel,
        pipeline_parallel=case.pipeline_parallel,
        dtype=case.dtype,
        kv_dtype=case.settings().kv_dtype,
    )
    return float(ours / (gib * GIB / tokens) - 1)


def score_kv_available(case: Case) -> float | None:
    """GiB by the likely figures, from configuration alone (printed weights only where no configuration tells them)."""
    row = case.row
    if row["kv_cache_gib_per_gpu"] is None:
        return None
    if row["gpu_memory_utilization"] is None:
        raise CannotScore("available KV: the utilization is not stated")
    if row["confidence"] == "low":
        raise CannotScore("available KV: rounded by the reporter")
    if FOREIGN_USE.search(str(row["notes"] or "")):
        raise CannotScore(f"available KV: {row['notes']}")
    found = case.estimate().kv_available.likely_bytes / GIB
    if case.weights_unknown():
        printed = row["weights_gib_per_gpu"]
        if printed is None:
            raise CannotScore(f"available KV: {case.weights_unknown()}")
        found += case.weights_gib() - printed
    return float(found - row["kv_cache_gib_per_gpu"])


def score_verdict(case: Case) -> tuple[bool, bool] | None:
    """Ours, theirs: whether the server starts with these settings."""
    if case.row["fits"] is None:
        return None
    if case.row["max_model_len"] is None and case.row["fits"]:
        raise CannotScore("verdict: the server started, but with which context length is not stated")
    if FOREIGN_USE.search(str(case.row["notes"] or "")) and not case.row["fits"]:
        raise CannotScore(f"verdict: {case.row['notes']}")
    return case.estimate().fits, case.row["fits"]


@dataclass
class Report:
    weights_bf16: Score = field(default_factory=lambda: Score("rel"))
    weights_quantized: Score = field(default_factory=lambda: Score("rel"))
    kv_bytes_per_token: Score = field(default_factory=lambda: Score("rel"))
    kv_available: Score = field(default_factory=lambda: Score("gib"))
    left_out: Score = field(default_factory=lambda: Score("gib"))
    """Available KV with constants chosen anew without the row's model."""
    chosen: dict[str, float] = field(default_factory=dict)
    """The constants as all rows would choose them: to compare with those in use."""
    verdicts: dict[str, tuple[bool, bool]] = field(default_factory=dict)
    skipped: list[dict[str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        return {
            "weights_bf16": self.weights_bf16.summary(),
            "weights_quantized": self.weights_quantized.summary(),
            "kv_bytes_per_token": self.kv_bytes_per_token.summary(),
            "kv_available": self.kv_available.summary(),
            "kv_available_leave_one_model_out": self.left_out.summary(),
            "verdict": {
                "rows": len(self.verdicts),
                "false_fits": [row for row, (ours, theirs) in self.verdicts.items() if ours and not theirs],
                "false_refusals": [row for row, (ours, theirs) in self.verdicts.items() if theirs and not ours],
            },
            "skipped": self.skipped,
        }


def leave_one_model_out(cases: Sequence[Case], report: Report) -> None:
    report.chosen = {" ".join(name): round(value, 3) for name, value in memory_constants.choose(cases).items()}
    for model in sorted({case.shape.name for case in cases}):
        with memory_constants.in_place(memory_constants.choose([c for c in cases if c.shape.name != model])):
            for case in (c for c in cases if c.shape.name == model and c.row["id"] in report.kv_available.errors):
                error = score_kv_available(case)
                assert error is not None
                report.left_out.errors[case.row["id"]] = error


def score(rows: Sequence[Row], configs: Sequence[Row]) -> Report:
    report = Report()
    cases: list[Case] = []
    for row in rows:
        try:
            case = case_of(row, configs)
        except CannotScore as why:
            report.skipped.append({"id": row["id"], "why": str(why)})
            continue
        cases.append(case)
        into = report.weights_quantized if case.is_quantized else report.weights_bf16
        figures: list[tuple[Score, Callable[[Case], float | None]]] = [
            (into, score_weights),
            (report.kv_bytes_per_token, score_kv_rate),
            (report.kv_available, score_kv_available),
        ]
        reasons = []
        scored = False
        for target, measure in figures:
            try:
                error = measure(case)
            except (CannotScore, ValueError) as why:
                reasons.append(str(why))
                continue
            if error is not None:
                target.errors[row["id"]] = error
                scored = True
        try:
            if (verdict := score_verdict(case)) is not None:
                report.verdicts[row["id"]] = verdict
                scored = True
        except (CannotScore, ValueError) as why:
            reasons.append(str(why))
        if not scored and not reasons:
            reasons.append("the row prints nothing that can be compared")
        report.skipped += [{"id": row["id"], "why": why} for why in dict.fromkeys(reasons)]
    leave_one_model_out(cases, report)
    return report


def print_report(report: Report) -> None:
    names = ("weights_bf16", "weights_quantized", "kv_bytes_per_token", "kv_available")
    for name in names:
        found: Score = getattr(report, name)
        print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in found.summary().items()))
        for row, error in sorted(found.errors.items(), key=lambda pair: pair[1]):
            print(f"    {row}  {error:+.3%}" if found.unit == "rel" else f"    {row}  {error:+.2f} GiB")
    print("available KV, constants chosen without the row's model: " + str(report.left_out.summary()))
    print(f"constants as all rows would choose them: {report.chosen}")
    wrong = [(row, ours) for row, (ours, theirs) in report.verdicts.items() if ours != theirs]
    print(f"verdict: rows {len(report.verdicts)}")
    for row, ours in wrong:
        print(f"    {row}  false {'fit' if ours else 'refusal'}")
    print(f"skipped: {len(report.skipped)}")
    for entry in report.skipped:
        print(f"    {entry['id']}  {entry['why']}")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--configs", type=Path, required=True)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    report = score(json.loads(options.data.read_text()), json.loads(options.configs.read_text()))
    if options.json:
        print(json.dumps(report.as_json(), indent=1))
    else:
        print_report(report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
