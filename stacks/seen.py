"""What was predicted of an endpoint beside what its pods say: in vLLM's log, to the cluster, and to whoever asks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rich.table import Table

from nim_profiles.units import GIB, MIB
from stacks.live import Serving
from stacks.plan import EndpointPlan

LOADED = re.compile(r"Model loading took ([0-9.]+) GiB")
CACHE = re.compile(r"(?:GPU|CPU) KV cache size: ([0-9,]+) tokens")
"""Lines of vLLM (0.32)."""


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    predicted: str
    seen: str


def rows(endpoint: EndpointPlan, pod: Serving, longest_context_tokens: int | None) -> Iterator[Row]:
    """Only of what was predicted; `-` where it cannot be seen."""
    found = endpoint.on_processors
    if found is not None:
        loaded = LOADED.search(pod.log)
        seen = f"{float(loaded[1]):.2f} GiB" if loaded else "-"
        yield Row("weights", f"{found.weights_bytes / GIB:.2f} GiB ({found.weights_bytes / MIB:.2f} MiB)", seen)
        if found.kv_tokens is not None:
            cache = CACHE.search(pod.log)
            yield Row("KV cache", f"{found.kv_tokens:,} tokens", f"{cache[1]} tokens" if cache else "-")
        told = "-" if longest_context_tokens is None else f"{longest_context_tokens:,} tokens"
        yield Row("longest context", f"{found.longest_context_tokens:,} tokens", told)
    took = (pod.ready - pod.started).total_seconds()
    yield Row("start-up", f"at most {endpoint.start_up_seconds} s", f"{took:.0f} s")


def seen_table(endpoints: dict[str, tuple[Row, ...]]) -> Table:
    table = Table(title="Predicted and seen", title_justify="left")
    for column in ("endpoint", "what", "predicted", "seen"):
        table.add_column(column, no_wrap=True)
    for name, found in endpoints.items():
        for number, row in enumerate(found):
            table.add_row(name if number == 0 else "", row.what, row.predicted, row.seen)
    return table
