"""What is wrong with an environment, and what the check knows besides the variables."""

from dataclasses import dataclass
from enum import StrEnum

from nim_profiles.profile import Profile


class Level(StrEnum):
    REFUSE = "refuse"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Finding:
    variable: str
    level: Level
    problem: str
    """Follows the variable's name in a sentence, ends with the fix, and never shows a secret."""

    def __str__(self) -> str:
        return f"{self.variable} {self.problem}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where the variables go. What is not given is not checked; what has to be allowed is not allowed."""

    profile: Profile | None = None
    """The profile that will run."""
    repository: str | None = None
    """Of the image."""
    service_port: int | None = None
    """Port of the container that probes and service ask."""
    written: frozenset[str] = frozenset()
    """Variables that the program writes itself."""
    request_logging_allowed: bool = False
    unsafe_reason: str | None = None
    """Why a profile may run that the manifest does not allow there."""
    vllm_version: str | None = None
    """Of the image; None: unknown, and then unknown arguments are warned of, not refused."""
