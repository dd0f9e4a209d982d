"""What is wrong with a stack file: every fault at once, each in one line that names file, key, found and fix."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, slots=True)
class Fault:
    file: str
    key: str
    """Path inside the file, `nim:endpoints.llama.replicas`; empty for the file as a whole."""
    problem: str
    """What was found and what to do: `found 0; write a whole number of at least 1`."""

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.key, self.problem) if part)


def key_path(location: tuple[str | int, ...]) -> str:
    return ".".join(str(part) for part in location)


class BadStackFile(pulumi.RunError):
    """Refusal of a stack file. A RunError: the engine prints its lines and no traceback, and creates nothing."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(dict.fromkeys(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults))
