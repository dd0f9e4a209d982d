"""Fits as bars, words and JSON."""

from shutil import get_terminal_size
from typing import Any

import click
from rich.table import Table

from nim_profiles.bars import Bar, Part, terminal_lines
from nim_profiles.cli.output import console
from nim_profiles.memory import Fit, explain
from nim_profiles.memory.explain import between
from nim_profiles.units import GIB, gib

FEW = 3
"""More GPUs than these are told by bars and table only."""


def bar(found: Fit) -> Bar:
    """Its stack; for low memory the verdict names the first repair."""
    estimate = found.estimate
    assert estimate is not None  # noqa: S101 - asked before
    parts = (*(Part(t.name, t.likely_bytes) for t in estimate.terms), Part("KV cache needed", estimate.kv_needed_bytes))
    repair = found.repairs[0].flags if found.verdict == "low_memory" else ()
    return Bar(
        label=f"{found.gpu.short_name} {found.gpu.memory_bytes / GIB:.0f}",
        verdict=" ".join([found.verdict.replace("_", " "), *repair]),
        capacity_bytes=found.gpu.memory_bytes,
        limit_bytes=estimate.requested.likely_bytes,
        parts=parts,
        safe_bytes=estimate.used.safe_bytes + estimate.kv_needed_bytes,
    )


def print_fits(fits: list[Fit]) -> None:
    """Bars of all GPUs, a table, and each of a few in words."""
    width = max(80, get_terminal_size((120, 24)).columns)
    for line in terminal_lines([bar(found) for found in fits if found.estimate], width=width):
        click.echo(line)
    click.echo("")
    console().print(table(fits))
    for found in fits if len(fits) <= FEW else ():
        click.echo("")
        for line in explain(found):
            click.echo(line)


def table(fits: list[Fit]) -> Table:
    """GiB per GPU, likely to safe; the last column is the repair that is felt least."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    made.add_column("GPU")
    made.add_column("verdict")
    for heading in ("weights", "other", "KV free", "KV needed", "longest context", "at once"):
        made.add_column(heading, justify="right")
    made.add_column("repair, or what is missing", overflow="fold")
    for found in fits:
        advice = (*found.gaps, *(repair.text for repair in found.repairs), "")[0]
        cells = [found.gpu.short_name, found.verdict.replace("_", " ")]
        if (estimate := found.estimate) is None:
            made.add_row(*cells, *[""] * 6, advice)
            continue
        weights, *others = estimate.terms
        made.add_row(
            *cells,
            between(weights.likely_bytes, weights.safe_bytes),
            between(sum(t.likely_bytes for t in others), sum(t.safe_bytes for t in others)),
            between(estimate.kv_available.safe_bytes, estimate.kv_available.likely_bytes),
            gib(estimate.kv_needed_bytes),
            f"{found.longest_context_tokens:,}",
            f"{found.full_length_requests:.1f}",
            advice,
        )
    return made


def fit_json(found: Fit) -> dict[str, Any]:
    """One GPU; bytes are per GPU and estimates."""
    estimate = found.estimate
    document: dict[str, Any] = {
        "gpu": found.gpu.product,
        "verdict": found.verdict,
        "gaps": list(found.gaps),
        "floor_bytes": found.floor_bytes,
        "contradiction": found.contradiction,
        "repairs": [
            {"flags": list(r.flags), "frees_bytes": r.frees_bytes, "cost": r.cost, "text": r.text}
            for r in found.repairs
        ],
    }
    if estimate is not None:
        document |= {
            "requested_bytes": {"likely": estimate.requested.likely_bytes, "safe": estimate.requested.safe_bytes},
            "terms": [
                {"name": t.name, "likely_bytes": t.likely_bytes, "safe_bytes": t.safe_bytes, "why": t.why}
                for t in estimate.terms
            ],
            "kv_available_bytes": {
                "likely": estimate.kv_available.likely_bytes,
                "safe": estimate.kv_available.safe_bytes,
            },
            "kv_needed_bytes": estimate.kv_needed_bytes,
            "max_model_len": estimate.settings.max_model_len,
            "longest_context_tokens": found.longest_context_tokens,
            "full_length_requests": round(found.full_length_requests, 3),
        }
    return document
