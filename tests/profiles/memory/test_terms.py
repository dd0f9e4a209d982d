"""Terms beside weights and KV cache, against figures that real servers printed (tests/data/vllm_memory.json)."""

import pytest

from nim_profiles.gpu import Gpu
from nim_profiles.memory import terms
from nim_profiles.memory.settings import CompleteSettings, EngineSettings, complete
from nim_profiles.units import GIB
from tests.profiles.memory.examples import A100, H100, LLAMA_8B


def run(gpu: Gpu = H100, **settings: object) -> CompleteSettings:
    return complete(EngineSettings(**settings), gpu, model_max_len=8192)  # type: ignore[arg-type]  # names are checked there


@pytest.mark.parametrize(
    ("row", "hidden", "vocabulary", "printed_gib"),
    [("m051", 1024, 151936, 5.56), ("m053", 5120, 151936, 5.64), ("m047", 2880, 201088, 7.38)],
)
def test_the_sampler_of_vllm_0_11_takes_what_it_printed(
    row: str, hidden: int, vocabulary: int, printed_gib: float
) -> None:
    found = terms.activations(
        run(vllm_version="0.11.0"), forward_bytes=0, hidden=hidden, vocabulary=vocabulary, samples=True
    )
    assert found.likely_bytes / GIB == pytest.approx(printed_gib, abs=0.03), row
    assert found.safe_bytes >= printed_gib * GIB


def test_from_0_17_the_sampler_takes_less_than_half() -> None:
    old, new = (terms.sampler(run(vllm_version=version), 128256).likely_bytes for version in ("0.16.0", "0.17.0"))
    assert new < old / 2


def test_only_the_last_stage_samples() -> None:
    found = terms.activations(run(), forward_bytes=GIB, hidden=4096, vocabulary=128256, samples=False)
    assert found.likely_bytes == GIB


def test_the_forward_pass_holds_both_halves_of_the_up_projection_and_their_product() -> None:
    found = terms.forward(LLAMA_8B.layers, run(A100), hidden=4096, tensor_parallel=2, token_width=14336)
    assert found == 2048 * 2 * (3 * 14336 // 2 + 3 * 4096)


@pytest.mark.parametrize(("sequences", "sizes"), [(1, 2), (2, 3), (16, 7), (32, 11), (256, 51), (1024, 51)])
def test_cuda_graph_sizes_are_counted_as_vllm_lists_them(sequences: int, sizes: int) -> None:
    assert terms.cuda_graph_sizes(sequences, 512) == sizes


def test_cuda_graphs_count_from_0_21_and_never_when_eager() -> None:
    sizes = [
        terms.cuda_graphs(run(vllm_version=version, enforce_eager=eager), (9, 0)).safe_bytes
        for version, eager in (("0.20.0", False), ("0.21.0", False), ("0.21.0", True))
    ]
    assert [size > 0 for size in sizes] == [False, True, False]


def test_several_gpus_talk_and_that_takes_memory() -> None:
    assert terms.non_torch(2).likely_bytes > 2 * terms.non_torch(1).likely_bytes


def test_an_encoder_counts_only_beyond_the_activations() -> None:
    def extra(beside_gib: float) -> terms.Term:
        beside = terms.Term("activations", int(beside_gib * GIB), int(beside_gib * GIB), "")
        return terms.encoder(
            run(A100), hidden=1152, family="qwen3vl", language_hidden=2048, tensor_parallel=1, beside=beside
        )

    kept = 16384 * 2048 * 2
    assert extra(1).likely_bytes - extra(2).likely_bytes == pytest.approx(GIB, abs=1)
    assert extra(100).likely_bytes == kept


def test_lora_slots_of_an_8b_take_what_the_closed_form_says() -> None:
    def lora(rank: int) -> int:
        settings = run(A100, lora_slots=1, lora_rank=rank)
        return terms.lora(LLAMA_8B.layers, settings, hidden=4096, tensor_parallel=1).likely_bytes

    h, kv, width = 4096, 1024, 14336
    closed = 16 * 2 * 32 * ((h + h) + 2 * (h + kv) + (h + h) + 2 * (h + width) + (width + h))
    assert lora(16) == pytest.approx(closed, rel=0.02)
    assert lora(64) == 4 * lora(16)
