"""Refusals: what the launcher says, and the exit code by which a program can tell them apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """The launcher's own; vLLM's are 0, 1 and 2, a shell's begin at 126. Docs: docs/launcher.md."""

    SETTING = 70
    MANIFEST = 71
    PROFILE = 72
    WEIGHTS = 73
    ENGINE = 74
    DOWNLOAD = 75
    CHECKSUM = 76
    DRIVER_MISSING = 80
    DRIVER_FAILS = 81
    DRIVER_TOO_OLD = 82
    GPU_COUNT = 83
    GPU_PRODUCT = 84
    COMPUTE_CAPABILITY = 85
    GPU_MEMORY = 86
    GPU_OCCUPIED = 87
    MIG = 88

    @property
    def word(self) -> str:
        """As it stands in front of each line: `gpu-memory`."""
        return self.name.lower().replace("_", "-")


@dataclass(frozen=True, slots=True)
class Fault:
    code: ExitCode
    line: str
    """What was found and the fix, in one line."""

    def __str__(self) -> str:
        return f"[{self.code.word}, exit {int(self.code)}] {self.line}"


class Refused(Exception):
    """Nothing was started. Every fault found, and the exit code of the first."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in faults))

    @property
    def code(self) -> ExitCode:
        return self.faults[0].code


def refuse(code: ExitCode, line: str) -> Refused:
    """One fault; a text of several lines becomes one."""
    return Refused([Fault(code, " ".join(line.split()))])
