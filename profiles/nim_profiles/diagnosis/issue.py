"""What goes wrong with NIMs again and again."""

from dataclasses import dataclass
from enum import StrEnum


class Issue(StrEnum):
    """In the order in which they keep a container from serving."""

    NO_COMPATIBLE_PROFILE = "no compatible profile"
    PROFILE_NOT_FOUND = "profile not found"
    OUT_OF_MEMORY = "out of memory"
    LORA = "LoRA not working"
    SLOW_START = "slow start"
    WRONG_PROFILE = "wrong profile chosen"
    IGNORED_ARGUMENT = "argument ignored"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    issue: Issue
    seen: str
    """The line that shows it, without secrets."""
    advice: str
    """What to do, by the keys of a stack file."""

    def __str__(self) -> str:
        return f"{self.issue}: {self.seen!r}; {self.advice}"
