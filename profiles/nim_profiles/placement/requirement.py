"""What one endpoint needs of its nodes."""

from dataclasses import dataclass

from nim_profiles.precision import Engine


class BadRequirement(ValueError):
    """A requirement that no node could ever meet or that means nothing; names every fault."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Requirement:
    """One endpoint. A replica takes `tensor_parallel` x `pipeline_parallel` GPUs.

    A replica is one pod where a node holds all its GPUs; elsewhere it is `pipeline_parallel` pods of `tensor_parallel`
    GPUs, each on another node of one type in one zone. The needs per pod hold for either kind of pod.
    """

    name: str
    memory_bytes_per_gpu: int
    """All that one process takes: weights, KV cache, activations, context. From `nim_profiles.memory`."""
    precision: str
    """The profile's word: `bf16`, `fp8`, `nvfp4`, ..."""
    engine: Engine = Engine.NIM
    replicas: int = 1
    max_surge: int = 0
    """Replicas above `replicas` that a rollout starts before it stops old ones. Room for them is paid for."""
    tensor_parallel: int = 1
    pipeline_parallel: int = 1
    cpu_millicores_per_pod: int = 0
    memory_bytes_per_pod: int = 0
    """Of the host."""
    nvme_bytes_per_pod: int = 0
    """Instance store, e.g. for the model cache; 0 where the cache is on a volume."""
    architecture: str = "x86_64"
    """Of the image."""

    def __post_init__(self) -> None:
        at_least = {"replicas": 0, "max_surge": 0, "tensor_parallel": 1, "pipeline_parallel": 1}
        at_least |= dict.fromkeys((field for field in self.__slots__ if "_per_" in field), 0)
        faults = [
            f"{field} is {found}, but must be at least {least}"
            for field, least in at_least.items()
            if (found := getattr(self, field)) < least
        ]
        if not self.name:
            faults.append("name is empty")
        if faults:
            raise BadRequirement(f"{self.name or 'a requirement'}: {'; '.join(faults)}")

    @property
    def gpu_count(self) -> int:
        """GPUs of one replica."""
        return self.tensor_parallel * self.pipeline_parallel

    @property
    def replicas_at_most(self) -> int:
        """With the head room for rollouts."""
        return self.replicas + self.max_surge
