import pynvml  # type: ignore[import-untyped]  # ships no types
import pytest

from nim_launcher.gpus import read_machine
from nim_launcher.refusal import ExitCode, Refused
from nim_profiles.instance import catalogue
from tests.launcher.fake_nvml import A100, H100, L40S, T4, FakeNvml, library
from tests.launcher.samples import machine


def test_the_true_library_without_a_driver_is_refused() -> None:
    """On a machine with a driver this has nothing to show."""
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError as error:
        if type(error).__name__ not in {"NVMLError_LibraryNotFound", "NVMLError_DriverNotLoaded"}:
            raise
    else:
        pynvml.nvmlShutdown()
        pytest.skip("this machine has an NVIDIA driver")
    with pytest.raises(Refused) as refused:
        read_machine(pynvml, {})
    assert refused.value.code is ExitCode.DRIVER_MISSING
    assert "no NVIDIA driver here" in str(refused.value)


@pytest.mark.parametrize("code", [pynvml.NVML_ERROR_LIBRARY_NOT_FOUND, pynvml.NVML_ERROR_DRIVER_NOT_LOADED])
def test_no_driver_is_not_a_broken_one(code: int) -> None:
    with pytest.raises(Refused) as refused:
        read_machine(library(init_error=code), {})
    assert refused.value.code is ExitCode.DRIVER_MISSING


@pytest.mark.parametrize("code", [pynvml.NVML_ERROR_LIB_RM_VERSION_MISMATCH, pynvml.NVML_ERROR_NO_PERMISSION])
def test_a_driver_that_fails_at_once_is_named(code: int) -> None:
    with pytest.raises(Refused) as refused:
        read_machine(library(init_error=code), {})
    assert refused.value.code is ExitCode.DRIVER_FAILS
    assert type(pynvml.NVMLError(code)).__name__ in str(refused.value)


def test_a_lost_gpu_is_refused_and_the_library_shut_down() -> None:
    nvml = FakeNvml([L40S], later_error=pynvml.NVML_ERROR_GPU_IS_LOST)
    with pytest.raises(Refused) as refused:
        read_machine(nvml, {})  # type: ignore[arg-type]  # stands in for the module
    assert refused.value.code is ExitCode.DRIVER_FAILS
    assert nvml.calls == ["init", "shutdown"]


@pytest.mark.parametrize("device", [L40S, A100, H100])
def test_a_gpu_reads_as_the_catalogue_has_it(device: object) -> None:
    found = machine(device).gpus[0].gpu  # type: ignore[arg-type]  # parametrize knows no types
    known = next(row.gpu for row in catalogue().values() if row.gpu.product == found.product)
    assert (found.product, found.compute_capability) == (known.product, known.compute_capability)
    assert abs(found.memory_bytes - known.memory_bytes) < known.memory_bytes * 0.02


def test_pci_ids_are_those_of_listings() -> None:
    assert machine(L40S).gpus[0].pci_device == "26b9:10de"


@pytest.mark.parametrize(
    ("visible", "indices"),
    [("1", [1]), ("2,0", [2, 0]), ("GPU-00000001", [1]), ("", []), ("0,9,1", [0]), ("-1", [])],
)
def test_cuda_visible_devices_counts_as_it_does_for_cuda(visible: str, indices: list[int]) -> None:
    found = read_machine(library(L40S, L40S, T4), {"CUDA_VISIBLE_DEVICES": visible}).gpus
    assert [one.index for one in found] == indices


def test_mig_instances_are_devices_of_their_own_size() -> None:
    whole = A100.__class__(
        A100.name, A100.memory_mib, A100.capability, A100.pci_id, mig=True, instances_mib=(19968, 9728)
    )
    found = machine(whole).gpus
    assert [(one.gpu.memory_mib, one.mig_instance) for one in found] == [(19968, True), (9728, True)]


def test_cuda_version_is_read_from_nvmls_number() -> None:
    assert machine(T4, cuda=12040).cuda_version == (12, 4)
