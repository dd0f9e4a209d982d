"""Sizes. Inside the code sizes are whole bytes; GiB and GB appear only where a person or a vendor wrote them."""

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB
GB = 1_000_000_000
"""A vendor's decimal gigabyte: NIM's `min_vram_per_device_gb` and `[requires >=N GB/gpu]`. The source never says
whether it is decimal; reading it as decimal asks for less, so refusals also look at our own estimate."""


def gib(size_bytes: int) -> str:
    """Bytes as a person reads them: `44.7 GiB`."""
    return f"{size_bytes / GIB:.1f} GiB"
