"""GPUs: what one device is, as its driver and NVIDIA's GPU feature discovery report it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Gpu:
    """One GPU product as a node offers it."""

    product: str
    """Value of the node label `nvidia.com/gpu.product`, e.g. `NVIDIA-L40S`."""
    short_name: str
    """As AWS and NIM listings say it, e.g. `L40S`."""
    memory_bytes: int
    """Usable memory of one device: the least of what the cloud's API and the driver report, before any process."""
    compute_capability: tuple[int, int]
    architecture: str
    """NVIDIA's word: `Ada Lovelace`, `Hopper`, ..."""

    @property
    def memory_mib(self) -> int:
        """As in the node label `nvidia.com/gpu.memory`."""
        return self.memory_bytes // (1024 * 1024)


CPU = "cpu"
"""The `gpu` tag of profiles that run on processors alone. Ours: NVIDIA has none."""


def processors(memory_bytes: int) -> Gpu:
    """Stands where a GPU does in a pool of nodes without any; `memory_bytes` is what one replica may take."""
    return Gpu(CPU, CPU, memory_bytes, (0, 0), "")
