"""Estimates against the logs of 63 real vLLM start-ups (tests/data/vllm_memory.json), by the accuracy bench."""

import json
from functools import cache
from importlib.resources import files
from pathlib import Path

from bench.memory_accuracy import Report, score

DATA = Path(__file__).parents[2] / "data"


@cache
def report() -> Report:
    rows = json.loads((DATA / "vllm_memory.json").read_text(encoding="utf-8"))
    configs = files("nim_profiles").joinpath("data/model_configs.json").read_text(encoding="utf-8")
    return score(rows, json.loads(configs))


def test_no_server_that_did_not_start_is_said_to_fit_and_few_that_did_are_refused() -> None:
    verdicts = report().verdicts.values()
    assert len(verdicts) >= 30
    assert [ours for ours, started in verdicts if ours and not started] == []
    assert sum(started and not ours for ours, started in verdicts) <= 0.1 * len(verdicts)


def test_available_kv_is_near_and_never_promised_by_half_a_gib_too_much() -> None:
    for found in (report().kv_available.summary(), report().left_out.summary()):
        assert found["median_gib"] is not None
        assert found["worst_over_gib"] is not None
        assert found["median_gib"] <= 0.25
        assert found["worst_over_gib"] <= 0.5


def test_weights_and_the_bytes_of_a_token_are_counted_not_guessed() -> None:
    plain, quantized = report().weights_bf16.summary(), report().weights_quantized.summary()
    assert max(map(abs, report().weights_bf16.errors.values())) <= 0.02
    assert (plain["median_rel"] or 0) <= 0.005
    assert (quantized["median_rel"] or 0) <= 0.03
    assert max(map(abs, report().kv_bytes_per_token.errors.values())) <= 0.001


def test_every_row_is_scored_or_listed_with_its_reason() -> None:
    found = report()
    scores = (found.weights_bf16, found.weights_quantized, found.kv_bytes_per_token, found.kv_available)
    seen = {row for score in scores for row in score.errors} | set(found.verdicts)
    assert seen | {entry["id"] for entry in found.skipped} == {
        row["id"] for row in json.loads((DATA / "vllm_memory.json").read_text(encoding="utf-8"))
    }
    assert all(entry["why"] for entry in found.skipped)
