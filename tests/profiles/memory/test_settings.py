"""What vLLM sets where nobody did."""

import pytest

from nim_profiles.memory.settings import EngineSettings, complete, cuda_total, release
from nim_profiles.units import GIB
from tests.profiles.memory.examples import A10G, A100, H100, gpu_of


@pytest.mark.parametrize(
    ("version", "utilization"), [("0.6.3", 0.90), ("0.21.0", 0.90), ("0.22.0", 0.92), ("1.0", 0.92)]
)
def test_the_default_utilization_follows_the_release(version: str, utilization: float) -> None:
    assert release(version).gpu_memory_utilization == utilization


def test_a_development_build_counts_as_its_release() -> None:
    assert release("0.26.1rc1.dev156+g0eec856cc.d20260731") == release("0.26.1")


def test_a_version_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match=r"vllm_version is 'latest': give a release"):
        EngineSettings(vllm_version="latest")


def test_every_impossible_setting_is_named_at_once() -> None:
    with pytest.raises(
        ValueError, match=r"max_model_len is 0.*max_num_seqs is -1.*gpu_memory_utilization is 1.5"
    ) as found:
        EngineSettings(max_model_len=0, max_num_seqs=-1, gpu_memory_utilization=1.5)
    assert str(found.value).count(";") == 2


def test_the_gpu_decides_the_batch_and_an_a100_counts_as_small() -> None:
    found = [complete(EngineSettings(), gpu, model_max_len=8192) for gpu in (A10G, A100, H100, gpu_of(183359))]
    assert [(run.max_num_batched_tokens, run.max_num_seqs) for run in found] == [
        (2048, 256),
        (2048, 256),
        (8192, 1024),
        (16384, 1024),
    ]


def test_what_somebody_set_stays() -> None:
    settings = EngineSettings(
        max_model_len=1000, max_num_seqs=7, max_num_batched_tokens=512, gpu_memory_utilization=0.5
    )
    run = complete(settings, H100, model_max_len=8192)
    assert (run.max_model_len, run.max_num_seqs, run.max_num_batched_tokens, run.gpu_memory_utilization) == (
        1000,
        7,
        512,
        0.5,
    )


def test_the_first_engine_prefills_the_whole_context_at_once() -> None:
    assert complete(EngineSettings(vllm_version="0.6"), A10G, model_max_len=32768).max_num_batched_tokens == 32768


def test_cuda_reports_less_than_the_driver_and_never_the_size_on_the_box() -> None:
    assert cuda_total(H100).likely_bytes == int(79.18 * GIB)
    unlisted = cuda_total(A10G)
    assert A10G.memory_bytes - GIB < unlisted.safe_bytes < unlisted.likely_bytes < A10G.memory_bytes
