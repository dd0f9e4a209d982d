import pytest

from nim_profiles.gpu import Gpu
from nim_profiles.instance import catalogue
from nim_profiles.precision import FLOORS, Engine, dtype_of, precision_note, precision_objection

GPUS: dict[str, Gpu] = {row.gpu.short_name: row.gpu for row in catalogue().values()}
NIM = {
    "fp16": {"T4", "T4g", "A10G", "A100", "L4", "L40S", "H100", "H200", "B200", "B300"},
    "bf16": {"A10G", "A100", "L4", "L40S", "H100", "H200", "B200", "B300"},
    "fp8": {"L4", "L40S", "H100", "H200", "B200", "B300"},
    "nvfp4": {"B200", "B300"},
    "w4a16": {"T4", "T4g", "A10G", "A100", "L4", "L40S", "H100", "H200", "B200", "B300"},
}
BLACKWELL_WORKSTATION = {"RTX PRO 4500", "RTX PRO Server 6000"}


@pytest.mark.parametrize("precision", NIM)
def test_a_nim_runs_a_precision_on_these_gpus_and_no_others(precision: str) -> None:
    runs = {name for name, gpu in GPUS.items() if precision_objection(precision, Engine.NIM, gpu) is None}
    assert runs == NIM[precision] | BLACKWELL_WORKSTATION


def test_fp8_on_an_a100_is_refused_for_a_nim_and_the_refusal_names_the_way_out() -> None:
    assert precision_objection("fp8", Engine.NIM, GPUS["A100"]) == (
        "has compute capability 8.0 (A100), fp8 needs 8.9 for a NIM; engine vllm would run it, but keeps fp8 weights "
        "and computes in 16 bit (weight-only kernels): saves memory, not time"
    )


def test_plain_vllm_runs_fp8_on_an_a100_with_a_note_and_on_an_l4_without() -> None:
    assert precision_objection("fp8", Engine.VLLM, GPUS["A100"]) is None
    assert "weight-only" in (precision_note("fp8", Engine.VLLM, GPUS["A100"]) or "")
    assert precision_note("fp8", Engine.VLLM, GPUS["L4"]) is None
    assert precision_objection("fp8", Engine.VLLM, GPUS["T4"]) is not None


def test_the_case_of_the_word_does_not_matter() -> None:
    assert (
        precision_objection("NVFP4", Engine.NIM, GPUS["H100"]) == "has compute capability 9.0 (H100), NVFP4 needs 10.0"
    )


def test_every_floor_names_its_source() -> None:
    assert all(floor.source for floor in FLOORS)


def test_vllm_is_told_a_dtype_for_weights_without_a_precision_of_their_own() -> None:
    assert [dtype_of(word) for word in ("BF16", "fp32", "fp8", None)] == ["bfloat16", "float32", None, None]
