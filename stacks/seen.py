"""What was predicted of an endpoint beside what is seen: in vLLM's log, in its cache, in the cluster, by asking it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rich.table import Table

from nim_profiles.units import GIB, MIB, gib
from stacks.live import Serving
from stacks.plan import EndpointPlan

CACHE = re.compile(r"(?:GPU|CPU) KV cache size: ([0-9,]+) tokens")
"""A line of vLLM (0.32)."""
WEIGHTS = ".safetensors"
"""What vLLM reads is what can be seen of weights: of the memory that they take it says nothing on processors, in a line
of no level and in no metric (its CPUModelRunner.load_model, 0.32; on GPUs it logs "Model loading took")."""


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    predicted: str
    seen: str


def rows(
    endpoint: EndpointPlan, pod: Serving, longest_context_tokens: int | None, cached: Mapping[str, int]
) -> Iterator[Row]:
    """Only of what was predicted; `-` where it cannot be seen. `cached`: files of the cache, bytes by path."""
    found = endpoint.on_processors
    if found is not None:
        files = [size for path, size in cached.items() if path.endswith(WEIGHTS)]
        seen = f"{_size(sum(files))} in {WEIGHTS[1:]} files" if files else "-"
        yield Row("weights", f"{_size(found.weights_bytes)} in memory", seen)
        if found.kv_tokens is not None:
            cache = CACHE.search(pod.log)
            yield Row("KV cache", f"{found.kv_tokens:,} tokens", f"{cache[1]} tokens" if cache else "-")
        told = "-" if longest_context_tokens is None else f"{longest_context_tokens:,} tokens"
        yield Row("longest context", f"{found.longest_context_tokens:,} tokens", told)
    carried = endpoint.profile.download_bytes
    part = "" if carried is None else f", with {_size(carried)} to download"
    yield Row("cache", f"at most {gib(endpoint.cache_bytes)}{part}", _size(sum(cached.values())) if cached else "-")
    took = (pod.ready - pod.started).total_seconds()
    yield Row("start-up", f"at most {endpoint.start_up_seconds} s", f"{took:.0f} s")


def _size(size_bytes: int) -> str:
    return gib(size_bytes) if size_bytes >= GIB else f"{size_bytes / MIB:.2f} MiB"


def seen_table(endpoints: dict[str, tuple[Row, ...]]) -> Table:
    table = Table(title="Predicted and seen", title_justify="left")
    for column in ("endpoint", "what", "predicted", "seen"):
        table.add_column(column, no_wrap=True)
    for name, found in endpoints.items():
        for number, row in enumerate(found):
            table.add_row(name if number == 0 else "", row.what, row.predicted, row.seen)
    return table
