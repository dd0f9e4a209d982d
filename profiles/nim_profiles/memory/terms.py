"""What one rank needs besides weights and KV cache: one function per term, each a range with the reason for its width.

All follow the engine's start-up profile run, which decides what is left for the KV cache.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from nim_profiles.memory.settings import CompleteSettings, Range, constants, gib_range
from nim_profiles.shape.layer import Layer
from nim_profiles.shape.tensor import Role, Tensor
from nim_profiles.units import GIB, MIB

ACTIVATION_BYTES = 2
"""Activations are 16-bit in every precision that NIM profiles have."""
MLA_WORKSPACE_TOKENS = 64 * 1024
"""vLLM, MLACommonMetadataBuilder.determine_chunked_prefill_workspace_size (0.32): 8 full requests, at most this."""
MLA_BLOCK_TOKENS = 64


@dataclass(frozen=True, slots=True)
class Term:
    """One part of the memory of the worst rank."""

    name: str
    likely_bytes: int
    safe_bytes: int
    why: str
    """What it is made of, and why the two figures differ."""


def term(name: str, size: Range, why: str) -> Term:
    return Term(name, size.likely_bytes, size.safe_bytes, why)


def sampler(settings: CompleteSettings, vocabulary: int) -> Range:
    """The last pipeline stage samples for `max_num_seqs` sequences at once; tensor parallelism does not divide it."""
    data = constants()["sampler_bytes_per_logit"]
    likely, safe = data[settings.release.sampler]
    logits = settings.max_num_seqs * vocabulary
    scratch = data["kernel_scratch_mib"] * MIB if settings.release.sampler == "kernel" else 0
    return Range(int(likely * logits) + scratch, int(safe * logits) + scratch)


def _outputs(tensor: Tensor) -> int:
    return tensor.elements // tensor.inputs


def _forward_elements(layer: Layer, tensor_parallel: int, token_width: int) -> int:
    """Elements per token that live at once in a feed-forward block: both halves of the up-projection, their product.

    Routed experts work on one copy of the token for each expert it visits, and their results share a workspace with the
    up-projection. `token_width`: what one token passes in a layer with experts.
    """
    elements = 0
    for tensor in layer.tensors:
        if tensor.role is Role.EXPERT and tensor.name.endswith(".up"):
            copies = max(1, token_width // tensor.pieces)
            return max(2 * token_width // tensor_parallel, copies * tensor.inputs) + token_width // tensor_parallel
        if tensor.name.endswith(".up") and tensor.inputs:
            elements += (_outputs(tensor) + tensor.pieces) // tensor_parallel
    return elements


def _mla_workspace(layer: Layer, settings: CompleteSettings, tensor_parallel: int) -> int:
    expanded = sum(_outputs(tensor) for tensor in layer.tensors if tensor.name == "attention.kv_b")
    wanted = max(8 * settings.max_model_len, 4 * settings.max_num_seqs * MLA_BLOCK_TOKENS)
    return min(wanted, MLA_WORKSPACE_TOKENS) * expanded // tensor_parallel * ACTIVATION_BYTES


def forward(
    layers: Iterable[Layer], settings: CompleteSettings, *, hidden: int, tensor_parallel: int, token_width: int
) -> int:
    """Bytes at the peak of a forward pass over `max_num_batched_tokens`: the widest layer, and three hidden states."""
    tokens = settings.max_num_batched_tokens
    widest = 0
    for layer in set(layers):
        block = tokens * _forward_elements(layer, tensor_parallel, token_width) * ACTIVATION_BYTES
        widest = max(widest, block, _mla_workspace(layer, settings, tensor_parallel))
    return widest + 3 * tokens * hidden * ACTIVATION_BYTES


def activations(settings: CompleteSettings, *, forward_bytes: int, hidden: int, vocabulary: int, samples: bool) -> Term:
    """The larger of the two peaks; the hidden states of the batch live through both."""
    kept = settings.max_num_batched_tokens * hidden * ACTIVATION_BYTES
    peak = sampler(settings, vocabulary) if samples else Range(0, 0)
    size = Range(max(forward_bytes, peak.likely_bytes + kept), max(forward_bytes, peak.safe_bytes + kept))
    if size.likely_bytes == forward_bytes:
        return term("activations", size, f"forward pass over {settings.max_num_batched_tokens:,} tokens")
    why = f"sampler for {settings.max_num_seqs:,} sequences x {vocabulary:,} words; bytes per entry differ between runs"
    return term("activations", size, why)


def encoder(
    settings: CompleteSettings, *, hidden: int, family: str, language_hidden: int, tensor_parallel: int, beside: Term
) -> Term:
    """What the profile run of a vision encoder takes beyond `beside`, the activations, with its outputs kept.

    `hidden` is the encoder's, `family` the architecture of the whole model in small letters. The run takes as many of
    the largest images as the token budget holds.
    """
    data = constants()["encoder"]
    item = next((row for word, row in data["largest_item"].items() if word in family), data["unknown_item"])
    images = max(1, settings.max_num_batched_tokens // item["tokens"])
    tokens = images * item["tokens"]
    elements = data["whole_elements"] + data["divided_elements"] / tensor_parallel
    peak = int(tokens * item["patches_per_token"] * hidden * elements * ACTIVATION_BYTES)
    outputs = tokens * language_hidden * ACTIVATION_BYTES
    likely = max(outputs, peak - beside.likely_bytes)
    safe = max(outputs, int(peak * data["safe_factor"]) - beside.safe_bytes)
    why = f"{images} image(s) of {item['tokens']:,} tokens in the profile run, beyond the activations; +15 % to be safe"
    return Term("encoder", likely, max(likely, safe), why)


def cuda_graph_sizes(max_num_seqs: int, cap: int) -> int:
    """Batch sizes captured: 1, 2, 4, then every 8 up to 256, every 16 beyond."""
    largest = min(2 * max_num_seqs, cap)
    small = sum(1 for size in (1, 2, 4) if size <= largest)
    return small + len(range(8, min(largest, 255) + 1, 8)) + len(range(256, largest + 1, 16))


def cuda_graphs(settings: CompleteSettings, compute_capability: tuple[int, int]) -> Term:
    """From vLLM 0.21 taken out of the budget; before that they come on top of it and are not in the sum."""
    if settings.enforce_eager:
        return Term("CUDA graphs", 0, 0, "none with --enforce-eager")
    if not settings.release.cuda_graphs_inside:
        return Term("CUDA graphs", 0, 0, "outside the budget before vLLM 0.21")
    data = constants()["cuda_graphs"]
    blackwell = compute_capability[0] == 10  # the data centre chips; 12.x are workstation cards
    sizes = cuda_graph_sizes(settings.max_num_seqs, data["cap_data_center_blackwell" if blackwell else "cap"])
    base = gib_range(data["base"])
    likely, safe = (int(mib * MIB) * sizes for mib in data["mib_per_size"])
    size = Range(base.likely_bytes + likely, base.safe_bytes + safe)
    return term("CUDA graphs", size, f"{sizes} batch sizes; five logged runs differ by a factor of nine")


def non_torch(gpu_count: int) -> Term:
    data = constants()["non_torch"]
    if gpu_count == 1:
        return term("non-torch", gib_range(data["one_gpu"]), "CUDA context; an idle GPU without other processes")
    return term("non-torch", gib_range(data["several_gpus"]), "CUDA context, NCCL; less over PCIe than over NVLink")


def _lora_elements(tensor: Tensor, hidden: int, tensor_parallel: int) -> int:
    """Elements of both LoRA factors of one rank-1 adapter on this matrix, on one GPU.


    Column-parallel: the first factor is whole, once per slice; the second is divided. Row-parallel: the reverse.
    """
    if tensor.name.endswith((".down", ".out")):
        matrices = max(1, tensor.elements // (tensor.inputs * hidden))
        return matrices * (tensor.inputs // tensor_parallel + hidden)
    slices = max(1, _outputs(tensor) // tensor.pieces) if tensor.name.endswith(".up") else 1
    return slices * tensor.inputs + _outputs(tensor) // min(tensor_parallel, tensor.pieces)


def lora(layers: Iterable[Layer], settings: CompleteSettings, *, hidden: int, tensor_parallel: int) -> Term:
    """Slots for `lora_slots` adapters, allocated at start on every linear map of the layers."""
    if settings.lora_slots == 0:
        return Term("LoRA", 0, 0, "off")
    elements = sum(
        _lora_elements(tensor, hidden, tensor_parallel)
        for layer in layers
        for tensor in layer.tensors
        if tensor.inputs and tensor.role in (Role.LINEAR, Role.EXPERT)
    )
    slots = settings.lora_slots * settings.lora_rank * elements * ACTIVATION_BYTES
    buffers = settings.max_num_batched_tokens * settings.lora_rank * 4 * settings.lora_slots
    why = f"{settings.lora_slots} slot(s) of rank {settings.lora_rank}; what dummy adapters take is not published"
    return Term("LoRA", slots + buffers, slots + buffers + GIB // 4, why)
