"""MIG slices: parts of a GPU that a node offers in its place, each a device of its own.

What a node says of them is NVIDIA's strategy `single`: all its GPUs are cut alike, slices are counted as
`nvidia.com/gpu`, and the product label says which (NVIDIA, MIG support in Kubernetes, read 2026-11).
"""

import re
from dataclasses import replace

from nim_profiles.gpu import Gpu
from nim_profiles.units import GIB

_SLICE = re.compile(r"-MIG-(?P<name>\d+g\.(?P<gib>\d+)gb)(\.me)?$")
LEAST_FRACTION = 0.95
"""Of the GiB in a slice's name that it has at least. Seen: 1g.5gb of an A100 4.75 (NVIDIA's MIG user guide), on an H100
1g.10gb 9.75, 1g.20gb 19.62, 3g.40gb 39.50, 7g.80gb 79.25 (`nvidia-smi mig -lgip`, jbarrow.ai, read 2026-11-26)."""


def whole_product(product: str) -> str:
    """`NVIDIA-A100-SXM4-40GB` of `NVIDIA-A100-SXM4-40GB-MIG-1g.5gb`; a whole GPU's is its own."""
    return _SLICE.sub("", product)


def is_slice(product: str) -> bool:
    """Of a value of the node label `nvidia.com/gpu.product`."""
    return _SLICE.search(product) is not None


def cut(whole: Gpu, product: str) -> Gpu:
    """The slice of `whole` that `product` names; `whole` itself where that names no slice. Memory: a safe estimate."""
    found = _SLICE.search(product)
    if found is None:
        return whole
    memory = min(int(int(found["gib"]) * LEAST_FRACTION * GIB), whole.memory_bytes)
    return replace(whole, product=product, short_name=f"{whole.short_name} {found['name']}", memory_bytes=memory)
