"""What the stand-in knows of one type: the inputs it takes, what replaces it, and the calls behind it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Values = dict[str, Any]  # JSON
Clients = Callable[[str], Any]  # service -> boto3's client, which has no types
Made = tuple[str, Values]
"""Id and what the account adds to the inputs."""


class Gone(Exception):
    """The account does not have it."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One type. All functions get plain inputs, in the engine's spelling."""

    inputs: frozenset[str]
    """Every other one is refused by name."""
    required: frozenset[str]
    replaced_by: frozenset[str]
    """Inputs whose change makes another resource."""
    computed: frozenset[str]
    """Outputs that only the account knows."""
    moved_by: Mapping[str, frozenset[str]]
    """Outputs that an update changes, and the inputs whose change does it; all inputs where none are named."""
    check: Callable[[Values], object]
    """Raises BadParameters. Called with known values only."""
    create: Callable[[Clients, Values], Made]
    read: Callable[[Clients, str, Values], Values]
    """Inputs and outputs as the account has them; raises Gone."""
    update: Callable[[Clients, str, Values, Values], Values]
    """Of id, old outputs, new inputs: what the account then adds."""
    delete: Callable[[Clients, str, Values], None]


class UnknownType(Exception):
    """A type or a function that the stand-in does not cover."""
