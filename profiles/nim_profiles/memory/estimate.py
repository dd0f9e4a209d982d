"""Memory of one replica on its worst rank, as a range: what vLLM's start-up profile run will find, on paper."""

from dataclasses import dataclass
from math import ceil
from statistics import mode

from nim_profiles.gpu import Gpu
from nim_profiles.kv_cache import KvLayout, kv_layout
from nim_profiles.memory import terms as part
from nim_profiles.memory.settings import CompleteSettings, EngineSettings, Range, complete, constants, cuda_total
from nim_profiles.memory.terms import Term
from nim_profiles.memory.weights import weights
from nim_profiles.shape import ModelShape


@dataclass(frozen=True, slots=True)
class Estimate:
    """All figures are per GPU, of the rank that can hold the fewest KV blocks; every one is an estimate."""

    settings: CompleteSettings
    device: Range
    """What CUDA reports for the GPU."""
    requested: Range
    """What the engine takes of it: the device times the utilization."""
    terms: tuple[Term, ...]
    """Everything but the KV cache."""
    kv_needed_bytes: int
    """For one request of `settings.max_model_len` tokens."""
    layout: KvLayout
    blocks: Range
    """KV blocks of the whole replica (a count, not bytes): all ranks have as many as the poorest."""

    @property
    def used(self) -> Range:
        return Range(sum(t.likely_bytes for t in self.terms), sum(t.safe_bytes for t in self.terms))

    @property
    def kv_available(self) -> Range:
        """Negative where weights and activations alone are too much. `safe` is the smaller one."""
        return Range(
            self.requested.likely_bytes - self.used.likely_bytes, self.requested.safe_bytes - self.used.safe_bytes
        )

    @property
    def fits(self) -> bool:
        """By the safe figures; vLLM keeps one block back."""
        return self.blocks.safe_bytes - 1 >= self.layout.blocks_per_request(self.settings.max_model_len)

    @property
    def longest_context_tokens(self) -> int:
        """By the safe figures, at most `settings.max_model_len`."""
        return self.longest(self.settings.max_model_len)

    def longest(self, limit_tokens: int) -> int:
        widest = max(self.layout.bytes_per_block, default=0)
        return self.layout.longest(max(0, self.blocks.safe_bytes) * widest, limit_tokens)

    @property
    def full_length_requests(self) -> float:
        """Requests of `settings.max_model_len` tokens that run at once, by the safe figures."""
        need = self.layout.blocks_per_request(self.settings.max_model_len)
        return max(0, self.blocks.safe_bytes) / max(1, need)


def _encoder_hidden(shape: ModelShape) -> int:
    """Hidden size of the tower: what most of its matrices read."""
    known = [tensor.inputs for tensor in shape.vision if tensor.inputs]
    return mode(known) if known else int(constants()["encoder"]["uncounted_tower"]["hidden"])


def _stage_terms(
    shape: ModelShape,
    gpu: Gpu,
    settings: CompleteSettings,
    stage: int,
    *,
    tensor_parallel: int,
    pipeline_parallel: int,
    weight: Range,
) -> tuple[Term, ...]:
    layers = shape.stages(pipeline_parallel)[stage]
    last = stage == pipeline_parallel - 1
    forward_bytes = part.forward(
        layers,
        settings,
        hidden=shape.hidden_size,
        tensor_parallel=tensor_parallel,
        token_width=shape.feed_forward_width,
    )
    activations = part.activations(
        settings, forward_bytes=forward_bytes, hidden=shape.hidden_size, vocabulary=shape.vocab_size, samples=last
    )
    images = part.Term("encoder", 0, 0, "the model has none, or images are off")
    if (shape.vision or shape.uncounted) and settings.images and stage == 0:
        images = part.encoder(
            settings,
            hidden=_encoder_hidden(shape),
            family=shape.architecture.lower(),
            language_hidden=shape.hidden_size,
            tensor_parallel=tensor_parallel,
            beside=activations,
        )
    missing = f"; {', '.join(shape.uncounted)}: an allowance stands for it" if shape.uncounted else ""
    counted = f"counted from config.json; kernels pad and repack quantized weights{missing}"
    return (
        part.term("weights", weight, counted),
        activations,
        images,
        part.cuda_graphs(settings, gpu.compute_capability),
        part.non_torch(tensor_parallel * pipeline_parallel),
        part.lora(layers, settings, hidden=shape.hidden_size, tensor_parallel=tensor_parallel),
    )


def estimate(
    shape: ModelShape,
    gpu: Gpu,
    *,
    tensor_parallel: int = 1,
    pipeline_parallel: int = 1,
    dtype: str = "bfloat16",
    quantization: str | None = None,
    settings: EngineSettings | None = None,
    cuda_total_bytes: int | None = None,
) -> Estimate:
    """What one replica takes on each GPU.

    `quantization` None: what config.json says. `cuda_total_bytes`: what CUDA reports, where it has been seen; None
    works it out from the GPU. Raises UnsupportedSharding where vLLM cannot deal the model to that many ranks.
    """
    run = complete(settings or EngineSettings(), gpu, model_max_len=shape.max_position_embeddings)
    device = Range(cuda_total_bytes, cuda_total_bytes) if cuda_total_bytes is not None else cuda_total(gpu)
    requested = Range(
        ceil(device.likely_bytes * run.gpu_memory_utilization), ceil(device.safe_bytes * run.gpu_memory_utilization)
    )
    layout = kv_layout(
        shape,
        tensor_parallel=tensor_parallel,
        pipeline_parallel=pipeline_parallel,
        dtype=dtype,
        kv_dtype=run.kv_dtype,
        max_batched_tokens=run.max_num_batched_tokens,
        concurrent_batches=2 if run.release.async_scheduling and pipeline_parallel == 1 else None,
        hybrid_manager=run.release.hybrid_kv,
    )
    carried = weights(
        shape,
        tensor_parallel=tensor_parallel,
        pipeline_parallel=pipeline_parallel,
        dtype=dtype,
        quantization=quantization,
        vision=run.images,
    )
    need = layout.blocks_per_request(run.max_model_len)
    ranks = []
    for stage, weight in enumerate(carried):
        terms = _stage_terms(
            shape,
            gpu,
            run,
            stage,
            tensor_parallel=tensor_parallel,
            pipeline_parallel=pipeline_parallel,
            weight=weight,
        )
        block = max(1, layout.bytes_per_block[stage])
        ranks.append(Estimate(run, device, requested, terms, need * block, layout, Range(0, 0)))
    blocks = [
        Range(rank.kv_available.likely_bytes // max(1, size), rank.kv_available.safe_bytes // max(1, size))
        for rank, size in zip(ranks, layout.bytes_per_block, strict=True)
    ]
    poorest = min(range(len(ranks)), key=lambda stage: (blocks[stage].safe_bytes, stage))
    worst = ranks[poorest]
    least = Range(min(b.likely_bytes for b in blocks), min(b.safe_bytes for b in blocks))
    return Estimate(run, device, requested, worst.terms, worst.kv_needed_bytes, layout, least)
