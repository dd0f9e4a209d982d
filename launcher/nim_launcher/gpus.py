"""The GPUs of this machine, as the driver tells them through NVML."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from nim_launcher.refusal import ExitCode, refuse
from nim_profiles.gpu import Gpu

NO_DRIVER = ("LibraryNotFound", "DriverNotLoaded")
"""NVML's errors that mean there is no driver here at all; any other means there is one, and it fails."""


@dataclass(frozen=True, slots=True)
class FoundGpu:
    """One device that vLLM may use: a GPU, or a MIG instance of one."""

    index: int
    """NVML's, which is the order on the PCI bus."""
    gpu: Gpu
    free_bytes: int
    pci_device: str
    """`<device>:<vendor>`, as listings print it: `26b9:10de`."""
    utilization_percent: int | None
    mig_instance: bool = False


@dataclass(frozen=True, slots=True)
class Machine:
    driver_version: str
    cuda_version: tuple[int, int]
    """The newest CUDA this driver runs without compatibility libraries."""
    gpus: tuple[FoundGpu, ...]
    empty_mig_gpus: tuple[int, ...] = ()
    """GPUs in MIG mode that have no instance."""


def read_machine(nvml: ModuleType, environ: Mapping[str, str]) -> Machine:
    """What NVML says, cut down by CUDA_VISIBLE_DEVICES. Raises Refused without a driver, or with one that fails."""
    try:
        nvml.nvmlInit()
    except nvml.NVMLError as error:
        name = type(error).__name__.removeprefix("NVMLError_")
        if name in NO_DRIVER:
            raise refuse(
                ExitCode.DRIVER_MISSING,
                f"no NVIDIA driver here (NVML says {name}). Request GPUs for this container, pin a profile for CPUs, "
                "or set NIM_LAUNCHER_GPU_CHECK=off",
            ) from None
        raise _driver_fails(error) from None
    try:
        return _machine(nvml, environ)
    except nvml.NVMLError as error:
        raise _driver_fails(error) from None
    finally:
        nvml.nvmlShutdown()


def _driver_fails(error: Exception) -> Exception:
    return refuse(
        ExitCode.DRIVER_FAILS,
        f"the NVIDIA driver fails: {error} ({type(error).__name__}). Restart the node, or take it out of service",
    )


def _machine(nvml: ModuleType, environ: Mapping[str, str]) -> Machine:
    found: list[tuple[str, FoundGpu]] = []
    empty = []
    for index in range(nvml.nvmlDeviceGetCount()):
        handle = nvml.nvmlDeviceGetHandleByIndex(index)
        if not _mig_mode(nvml, handle):
            found.append((nvml.nvmlDeviceGetUUID(handle), _gpu(nvml, handle, handle, index)))
            continue
        instances = list(_mig_instances(nvml, handle))
        found += [(nvml.nvmlDeviceGetUUID(one), _gpu(nvml, one, handle, index)) for one in instances]
        if not instances:
            empty.append(index)
    version = nvml.nvmlSystemGetCudaDriverVersion()
    visible = _visible(found, environ.get("CUDA_VISIBLE_DEVICES"))
    return Machine(nvml.nvmlSystemGetDriverVersion(), (version // 1000, version % 1000 // 10), visible, tuple(empty))


def _visible(found: list[tuple[str, FoundGpu]], wanted: str | None) -> tuple[FoundGpu, ...]:
    """CUDA's rule: indices or beginnings of UUIDs; the first that names nothing ends the list."""
    if wanted is None:
        return tuple(gpu for _, gpu in found)
    visible: list[FoundGpu] = []
    for word in (word.strip() for word in wanted.split(",")):
        if word.isdigit():
            named = [gpu for _, gpu in found][int(word) : int(word) + 1]
        else:
            named = [gpu for uuid, gpu in found if word and uuid.startswith(word)][:1]
        if not named:
            break
        visible += named
    return tuple(visible)


def _mig_mode(nvml: ModuleType, handle: Any) -> bool:  # Any: NVML's own handle
    try:
        return bool(nvml.nvmlDeviceGetMigMode(handle)[0])
    except nvml.NVMLError_NotSupported:
        return False


def _mig_instances(nvml: ModuleType, handle: Any) -> Any:  # Any: as above
    for index in range(nvml.nvmlDeviceGetMaxMigDeviceCount(handle)):
        try:
            yield nvml.nvmlDeviceGetMigDeviceHandleByIndex(handle, index)
        except nvml.NVMLError_NotFound:
            continue


def _gpu(nvml: ModuleType, device: Any, parent: Any, index: int) -> FoundGpu:  # Any: as above
    """`device` is the parent itself or a MIG instance of it, which knows its memory and its name only."""
    name = nvml.nvmlDeviceGetName(parent)
    memory = nvml.nvmlDeviceGetMemoryInfo(device)
    capability = tuple(nvml.nvmlDeviceGetCudaComputeCapability(parent))
    pci_id = nvml.nvmlDeviceGetPciInfo(parent).pciDeviceId
    try:
        utilization = None if device is not parent else int(nvml.nvmlDeviceGetUtilizationRates(parent).gpu)
    except nvml.NVMLError_NotSupported:
        utilization = None
    return FoundGpu(
        index=index,
        gpu=Gpu(
            product=name.replace(" ", "-"),  # as GPU feature discovery makes the node label
            short_name=name.removeprefix("NVIDIA "),
            memory_bytes=memory.total,
            compute_capability=(capability[0], capability[1]),
            architecture="",
        ),
        free_bytes=memory.free,
        pci_device=f"{pci_id >> 16:04x}:{pci_id & 0xFFFF:04x}",
        utilization_percent=utilization,
        mig_instance=device is not parent,
    )
