"""A rule: a name, how strict it is unless a stack says otherwise, and a function that finds what breaks it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from nim_policy.facts import StackFacts
from nim_policy.planned import Planned


class Level(StrEnum):
    MANDATORY = "mandatory"
    """Stops a preview and an up."""
    ADVISORY = "advisory"
    """Is said, and stops nothing."""
    DISABLED = "disabled"


class Scope(StrEnum):
    """What a rule must see to judge."""

    RESOURCE = "resource"
    """One resource alone: it is judged before it is made."""
    STACK = "stack"
    """All of them: they are judged once the program has said everything."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where a rule is broken."""

    resource: Planned | None
    """None: the stack as a whole."""
    problem: str
    """What was found and what to do, in one line; never a secret."""


Check = Callable[[Sequence[Planned], StackFacts], Iterator[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    name: str
    title: str
    """What holds where it is kept, as a sentence."""
    level: Level = Level.MANDATORY
    scope: Scope = Scope.RESOURCE
    check: Check
