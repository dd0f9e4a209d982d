# ruff: noqa: N802 - functions have the names that pynvml gives them
"""A driver's library at the level of pynvml's functions, with what real GPUs report; errors are pynvml's own."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from types import ModuleType, SimpleNamespace
from typing import cast

import pynvml  # type: ignore[import-untyped]  # ships no types

from nim_profiles.units import MIB


@dataclass(frozen=True)
class Device:
    """Memory as `nvidia-smi` shows it in total; sources: profiles/nim_profiles/data/gpu_instances.json, NVML docs."""

    name: str
    memory_mib: int
    capability: tuple[int, int]
    pci_id: int
    used_mib: int = 4
    mig: bool | None = None
    """None: this GPU knows no MIG."""
    instances_mib: tuple[int, ...] = ()


T4 = Device("Tesla T4", 15360, (7, 5), 0x1EB810DE, used_mib=3)
A10G = Device("NVIDIA A10G", 23028, (8, 6), 0x223710DE)
L40S = Device("NVIDIA L40S", 46068, (8, 9), 0x26B910DE)
A100 = Device("NVIDIA A100-SXM4-80GB", 81920, (8, 0), 0x20B210DE, mig=False)
H100 = Device("NVIDIA H100 80GB HBM3", 81559, (9, 0), 0x233010DE, mig=False)


def occupied(device: Device, used_mib: int) -> Device:
    return replace(device, used_mib=used_mib)


@dataclass
class FakeNvml:
    """Only what NVML has; anything else fails by name."""

    devices: Sequence[Device] = ()
    driver: str = "580.95.05"
    cuda: int = 13000
    init_error: int | None = None
    """One of pynvml.NVML_ERROR_*."""
    later_error: int | None = None
    """The same, from the first question on."""
    calls: list[str] = field(default_factory=list)

    NVMLError = pynvml.NVMLError
    NVMLError_NotSupported = pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED).__class__
    NVMLError_NotFound = pynvml.NVMLError(pynvml.NVML_ERROR_NOT_FOUND).__class__

    def nvmlInit(self) -> None:
        if self.init_error is not None:
            raise pynvml.NVMLError(self.init_error)
        self.calls.append("init")

    def nvmlShutdown(self) -> None:
        if "init" not in self.calls:
            raise pynvml.NVMLError(pynvml.NVML_ERROR_UNINITIALIZED)
        self.calls.append("shutdown")

    def nvmlDeviceGetCount(self) -> int:
        if self.later_error is not None:
            raise pynvml.NVMLError(self.later_error)
        return len(self.devices)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> tuple[int, int | None]:
        return index, None

    def nvmlDeviceGetName(self, handle: tuple[int, int | None]) -> str:
        return self.devices[handle[0]].name

    def nvmlDeviceGetUUID(self, handle: tuple[int, int | None]) -> str:
        index, instance = handle
        return f"GPU-{index:08x}" if instance is None else f"MIG-{index:04x}{instance:04x}"

    def nvmlDeviceGetMemoryInfo(self, handle: tuple[int, int | None]) -> SimpleNamespace:
        index, instance = handle
        device = self.devices[index]
        total = device.memory_mib if instance is None else device.instances_mib[instance]
        return SimpleNamespace(total=total * MIB, free=(total - device.used_mib) * MIB, used=device.used_mib * MIB)

    def nvmlDeviceGetCudaComputeCapability(self, handle: tuple[int, int | None]) -> tuple[int, int]:
        return self.devices[handle[0]].capability

    def nvmlDeviceGetPciInfo(self, handle: tuple[int, int | None]) -> SimpleNamespace:
        return SimpleNamespace(pciDeviceId=self.devices[handle[0]].pci_id)

    def nvmlDeviceGetUtilizationRates(self, handle: tuple[int, int | None]) -> SimpleNamespace:
        assert handle[1] is None
        return SimpleNamespace(gpu=0, memory=0)

    def nvmlDeviceGetMigMode(self, handle: tuple[int, int | None]) -> list[int]:
        mode = self.devices[handle[0]].mig
        if mode is None:
            raise self.NVMLError_NotSupported
        return [int(mode), int(mode)]

    def nvmlDeviceGetMaxMigDeviceCount(self, handle: tuple[int, int | None]) -> int:  # noqa: ARG002 - as NVML has it
        return 7

    def nvmlDeviceGetMigDeviceHandleByIndex(self, handle: tuple[int, int | None], index: int) -> tuple[int, int]:
        if index >= len(self.devices[handle[0]].instances_mib):
            raise self.NVMLError_NotFound
        return handle[0], index

    def nvmlSystemGetDriverVersion(self) -> str:
        return self.driver

    def nvmlSystemGetCudaDriverVersion(self) -> int:
        return self.cuda


def library(*devices: Device, **more: object) -> ModuleType:
    """For code that takes pynvml as an argument."""
    return cast("ModuleType", FakeNvml(devices, **more))  # type: ignore[arg-type]  # named fields, checked by dataclass
