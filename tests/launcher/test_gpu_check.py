from dataclasses import replace

import pytest

from nim_launcher.gpu_check import Wish, check, needs_gpus
from nim_launcher.gpus import Machine
from nim_launcher.refusal import ExitCode
from tests.launcher.fake_nvml import A10G, A100, H100, L40S, T4, Device, occupied
from tests.launcher.samples import machine, profile

MIG_EMPTY = replace(A100, mig=True)
MIG_TWO = replace(A100, mig=True, instances_mib=(40448, 40448))


def wish(gpu_count: int = 1, memory_fraction: float = 0.9, **tags: str) -> Wish:
    return Wish(profile=profile(**tags), gpu_count=gpu_count, memory_fraction=memory_fraction)


def only(found: Wish, on: Machine) -> tuple[ExitCode, str]:
    (fault,) = check(found, on).faults
    return fault.code, fault.line


def test_what_fits_is_not_refused() -> None:
    verdict = check(wish(precision="fp8", min_vram_per_device_gb="27.0"), machine(L40S))
    assert (verdict.faults, verdict.notes) == ((), ())


def test_too_few_gpus_are_refused() -> None:
    assert only(wish(gpu_count=4, tp="4"), machine(L40S, L40S)) == (
        ExitCode.GPU_COUNT,
        "vllm-bf16-tp4-pp1 needs 4 GPUs here, 2 are visible. Request nvidia.com/gpu: 4, or pin a profile for 2",
    )


def test_no_visible_gpu_is_a_wrong_count() -> None:
    assert only(wish(), machine())[0] is ExitCode.GPU_COUNT


def test_more_gpus_than_needed_are_a_note() -> None:
    assert check(wish(), machine(L40S, L40S)).notes == ("2 GPUs found, vllm-bf16-tp1-pp1 uses 1 of them here",)


def test_another_product_than_the_profiles_is_refused() -> None:
    assert only(wish(gpu="l40s", precision="fp8"), machine(H100)) == (
        ExitCode.GPU_PRODUCT,
        "vllm-l40s-fp8-tp1-pp1 is built for l40s, GPU 0 (NVIDIA-H100-80GB-HBM3) is another. "
        "Select nodes with l40s, or pin a generic profile",
    )


def test_a_mixture_of_gpus_is_refused() -> None:
    assert only(wish(gpu_count=2, tp="2"), machine(A100, H100))[0] is ExitCode.GPU_PRODUCT


@pytest.mark.parametrize(("precision", "device"), [("fp8", T4), ("bf16", T4), ("nvfp4", H100)])
def test_a_compute_capability_below_the_precisions_floor_is_refused(precision: str, device: Device) -> None:
    code, line = only(wish(precision=precision), machine(device))
    assert code is ExitCode.COMPUTE_CAPABILITY
    assert line.startswith(f"{precision} needs compute capability")


def test_vllm_runs_fp8_weights_where_a_nim_would_not() -> None:
    assert check(wish(precision="fp8"), machine(A100)).faults == ()


def test_weights_that_the_gpu_cannot_compute_in_are_a_note_where_vllm_helps_itself() -> None:
    verdict = check(wish(precision="fp8"), machine(A100))
    assert verdict.faults == ()
    assert "computes in 16 bit" in verdict.notes[0]


def test_too_little_memory_is_refused_with_the_setting_that_may_help() -> None:
    assert only(wish(min_vram_per_device_gb="33.0"), machine(A10G)) == (
        ExitCode.GPU_MEMORY,
        "vllm-bf16-tp1-pp1-33.0 needs 30.7 GiB a GPU (33 GB), NVIDIA-A10G has 22.5 GiB (GPU 0). Set --max-model-len or "
        "NIM_MAX_MODEL_LEN to a context that fits, or use a larger GPU",
    )


def test_too_little_memory_is_a_note_where_somebody_shortened_the_context() -> None:
    shortened = replace(wish(min_vram_per_device_gb="33.0"), shortened=True)
    verdict = check(shortened, machine(A10G))
    assert verdict.faults == ()
    assert "short enough" in verdict.notes[0]


def test_memory_in_use_is_refused_as_vllm_would() -> None:
    assert only(wish(), machine(occupied(L40S, 9000))) == (
        ExitCode.GPU_OCCUPIED,
        "GPU 0 (NVIDIA-L40S) has 36.2 GiB of 45.0 GiB free, and vLLM wants 0.9 of it, 40.5 GiB. End what else runs "
        "there, or lower --gpu-memory-utilization",
    )


def test_memory_in_use_matters_only_beyond_the_fraction_that_was_set() -> None:
    assert check(wish(memory_fraction=0.7), machine(occupied(L40S, 9000))).faults == ()


def test_mig_without_an_instance_is_refused() -> None:
    codes = [fault.code for fault in check(wish(), machine(MIG_EMPTY)).faults]
    assert codes == [ExitCode.GPU_COUNT, ExitCode.MIG]


def test_mig_instances_do_not_join_for_one_profile() -> None:
    assert only(wish(gpu_count=2, tp="2"), machine(MIG_TWO))[0] is ExitCode.MIG


def test_one_mig_instance_serves_a_profile_for_one_gpu() -> None:
    assert check(wish(min_vram_per_device_gb="33.0"), machine(MIG_TWO)).faults == ()


def test_a_driver_older_than_the_images_cuda_is_refused() -> None:
    newer = replace(wish(), cuda_version=(13, 0))
    code, line = only(newer, machine(L40S, driver="550.163.01", cuda=12040))
    assert code is ExitCode.DRIVER_TOO_OLD
    assert line.startswith("driver 550.163.01 runs CUDA 12.4, this image has CUDA 13.0.")


def test_compatibility_libraries_turn_an_old_driver_into_a_note() -> None:
    newer = replace(wish(), cuda_version=(13, 0), compatibility_libraries=True)
    verdict = check(newer, machine(L40S, driver="550.163.01", cuda=12040))
    assert (verdict.faults, len(verdict.notes)) == ((), 1)


def test_a_driver_of_the_same_major_version_serves() -> None:
    assert check(replace(wish(), cuda_version=(12, 9)), machine(L40S, cuda=12040)).faults == ()


def test_every_fault_is_told_at_once_in_the_order_of_the_exit_codes() -> None:
    bad = replace(wish(gpu_count=2, tp="2", min_vram_per_device_gb="33.0"), cuda_version=(13, 0))
    found = [fault.code for fault in check(bad, machine(occupied(T4, 8000), cuda=12020)).faults]
    assert found == [
        ExitCode.DRIVER_TOO_OLD,
        ExitCode.GPU_COUNT,
        ExitCode.COMPUTE_CAPABILITY,
        ExitCode.GPU_MEMORY,
        ExitCode.GPU_OCCUPIED,
    ]


def test_only_cpu_profiles_need_no_gpus() -> None:
    assert not needs_gpus(profile(gpu="cpu", precision="fp32"))
    assert needs_gpus(profile())
