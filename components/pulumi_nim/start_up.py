"""How long a replica may take from its start to its first answer: bytes over rates, plus a fixed part.

An estimate on the slow side. Too short and the kubelet kills a pod that was about to be ready, over and over.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rates:
    """How fast weights arrive. The defaults are slow on purpose; set them to what your network and disks do."""

    download_bytes_per_second: int = 30_000_000
    """60 GB a pod took just over 30 minutes: github.com/llm-d/llm-d issue 852 (read 2026-08)."""
    disk_bytes_per_second: int = 131_000_000
    """Baseline throughput of an AWS gp3 volume, 125 MiB a second (AWS EBS documentation, read 2026-08)."""
    fixed_seconds: int = 300
    """Image start, compilation, graph capture. 8B FP8 with a filled cache took 145 s (published NIM log, GB10)."""


def download_seconds(download_bytes: int, rates: Rates | None = None) -> int:
    """Seconds in which a Job must have filled an empty cache: fixed part + download."""
    rates = rates or Rates()
    return math.ceil(rates.fixed_seconds + download_bytes / rates.download_bytes_per_second)


def warm_start_seconds(download_bytes: int, rates: Rates | None = None) -> int:
    """Seconds until a replica with a filled cache must be ready: fixed part + reading from disk."""
    rates = rates or Rates()
    return math.ceil(rates.fixed_seconds + download_bytes / rates.disk_bytes_per_second)


def start_up_seconds(download_bytes: int, rates: Rates | None = None) -> int:
    """Seconds until a replica with an empty cache must be ready: fixed part + download + reading back from disk."""
    rates = rates or Rates()
    seconds = (
        rates.fixed_seconds
        + download_bytes / rates.download_bytes_per_second
        + download_bytes / rates.disk_bytes_per_second
    )
    return math.ceil(seconds)
