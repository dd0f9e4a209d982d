"""An exception from a rule, by somebody who answers for it."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """Excuses what breaks one rule, for a time."""

    rule: str
    resource: str | None
    """Name in the program; None: every resource, and the stack."""
    reason: str
    until: date
    """The last day on which it holds."""

    def covers(self, resource: str) -> bool:
        return self.resource in (None, resource)

    def __str__(self) -> str:
        return f"{self.reason} (until {self.until.isoformat()})"
