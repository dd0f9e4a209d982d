"""MIG slices: parts of a GPU that a node offers in its place, each a device of its own.

What a node says of them is NVIDIA's strategy `single`: all its GPUs are cut alike, slices are counted as
`nvidia.com/gpu`, and the product label says which (NVIDIA, MIG support in Kubernetes, read 2026-11).
"""

import re
from dataclasses import replace

from nim_profiles.gpu import Gpu
from nim_profiles.units import GIB

_SLICE = re.compile(r"-MIG-(?P<name>\d+g\.(?P<gib>\d+)gb)([.-](me|me\.all|gfx))?$")
LEAST_SEEN_GIB = {
    5: 4.75,  # A100 40 GB, NVIDIA's MIG user guide
    10: 9.5,  # A100 80 GB; H100 80 GB has 9.75 (jbarrow.ai/field_notes/nvidia-mig)
    18: 16.0,  # H200, github.com/NVIDIA/mig-parted issue 120; GH200 144 GB has 17.5 (pull request 139)
    20: 19.5,  # A100 80 GB; A100 40 GB and H100 have 19.62
    23: 20.5,  # B200, mig-parted pull request 187; with an older driver 22.0 (166)
    24: 20.0,  # GB200, gpu-operator pull request 1303; H100 NVL has 21.62 (903), RTX PRO 6000 23.12 (cubecos issue 312)
    35: 32.25,  # H200, as above
    40: 39.25,  # A100 80 GB; A100 40 GB and H100 have 39.5
    45: 44.25,  # B200, as above
    47: 45.5,  # GB200, as above
    71: 69.5,  # H200, as above
    80: 79.0,  # A100 80 GB; H100 has 79.25
    141: 139.75,  # H200, as above
}
"""What `nvidia-smi mig -lgip` says of slices, by the number in their name: the least of all GPUs; read 2026-11-26."""
LEAST_FRACTION = 0.83
"""Of the number in the name of any other slice: below every one above, of which the GB200's 1g.24gb has least."""


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
    named = int(found["gib"])
    memory = min(int(LEAST_SEEN_GIB.get(named, named * LEAST_FRACTION) * GIB), whole.memory_bytes)
    return replace(whole, product=product, short_name=f"{whole.short_name} {found['name']}", memory_bytes=memory)
