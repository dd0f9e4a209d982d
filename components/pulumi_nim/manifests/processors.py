"""What one replica takes of a node without GPUs."""

from dataclasses import dataclass

from pulumi_nim.manifests.values import Manifest


@dataclass(frozen=True, slots=True)
class Processors:
    """For profiles that are made for processors alone."""

    cpu_millis: int
    """Thousandths of a processor that the scheduler keeps free for it; more are used where they are idle."""
    memory_bytes: int
    """Weights, KV cache and everything else. What takes more is killed."""


def resources(processors: Processors) -> Manifest:
    """Memory is request and limit in one: nothing that was promised here is lent to somebody else."""
    memory = str(processors.memory_bytes)
    return {"requests": {"cpu": f"{processors.cpu_millis}m", "memory": memory}, "limits": {"memory": memory}}
