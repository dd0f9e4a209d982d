"""The constants of `data/vllm_memory_terms.json` that were chosen from logged runs, chosen again without one model.

Scoring a model's rows with constants that never saw it tells whether the method holds or only the fit. Constants that
were counted in vLLM's source (encoder, kernel sampler, batch sizes, padding) have nothing to choose.
"""

import copy
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from bench.memory_rows import CannotScore, Case
from nim_profiles.memory.settings import constants
from nim_profiles.memory.terms import cuda_graph_sizes
from nim_profiles.shape import UnsupportedShape, UnsupportedSharding
from nim_profiles.units import GIB, MIB

IDLE_GIB = 1.0
"""More non-torch memory than this is another process on the GPU."""


def _sampler(case: Case) -> float | None:
    """Bytes per logit that the printed activations leave for the sampler of releases that sort."""
    printed = case.row["activation_gib"]
    if printed is None or case.shape.vision:
        return None
    run = case.estimate().settings
    if run.release.sampler != "sort" or not case.row["gpu_memory_utilization"]:
        return None
    kept = run.max_num_batched_tokens * case.shape.hidden_size * 2
    return float((printed * GIB - kept) / (run.max_num_seqs * case.shape.vocab_size))


def _non_torch(case: Case, *, several: bool) -> float | None:
    printed = case.row["non_torch_gib"]
    alone = case.tensor_parallel * case.pipeline_parallel == 1
    return None if printed is None or printed > IDLE_GIB or alone == several else float(printed)


def _graph_mib(case: Case) -> float | None:
    """MiB per captured size: from vLLM's own estimate, else from what a closed budget leaves."""
    run = case.settings()
    if not case.estimate().settings.release.cuda_graphs_inside or run.enforce_eager:
        return None
    found, row = case.estimate(), case.row
    graphs = next(term for term in found.terms if term.name == "CUDA graphs")
    seen = row["cudagraph_est_gib"]
    if seen is None:
        if row["kv_cache_gib_per_gpu"] is None or row["gpu_memory_utilization"] is None or case.weights_unknown():
            return None
        seen = (found.kv_available.likely_bytes + graphs.likely_bytes) / GIB - row["kv_cache_gib_per_gpu"]
    data = constants()["cuda_graphs"]
    return float((seen - data["base"][0]) * GIB / MIB / cuda_graph_sizes(found.settings.max_num_seqs, data["cap"]))


CHOSEN: dict[tuple[str, str], Callable[[Case], float | None]] = {
    ("sampler_bytes_per_logit", "sort"): _sampler,
    ("non_torch", "one_gpu"): lambda case: _non_torch(case, several=False),
    ("non_torch", "several_gpus"): lambda case: _non_torch(case, several=True),
    ("cuda_graphs", "mib_per_size"): _graph_mib,
}


def choose(cases: Sequence[Case]) -> dict[tuple[str, str], float]:
    """The median over these rows of each constant; those that no row tells are left out."""
    found: dict[tuple[str, str], list[float]] = {}
    for case in cases:
        for name, measure in CHOSEN.items():
            try:
                value = measure(case)
            except (CannotScore, UnsupportedShape, UnsupportedSharding):
                continue
            if value is not None:
                found.setdefault(name, []).append(value)
    return {name: statistics.median(values) for name, values in found.items()}


@contextmanager
def in_place(chosen: dict[tuple[str, str], float]) -> Iterator[None]:
    """The package computes with these likely figures meanwhile."""
    data: Any = constants()  # the cached document itself
    before = copy.deepcopy(data)
    for (group, name), value in chosen.items():
        data[group][name][0] = value
    try:
        yield
    finally:
        data.clear()
        data.update(before)
