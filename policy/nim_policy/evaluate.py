"""Rules over planned resources, with a stack's levels and exceptions. Knows no clock: today is given."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType

from nim_policy.exemption import Exemption
from nim_policy.facts import StackFacts
from nim_policy.planned import Planned
from nim_policy.rule import Level, Rule
from nim_policy.rules import RULES

STACK = "stack"
"""Name of what is no single resource's fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What one stack says about the rules."""

    levels: Mapping[str, Level] = field(default_factory=lambda: MappingProxyType({}))
    """By rule, where it is not the rule's own."""
    exemptions: tuple[Exemption, ...] = ()

    def level_of(self, rule: Rule) -> Level:
        return self.levels.get(rule.name, rule.level)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A broken rule. Nothing is said of rules that are kept."""

    rule: str
    level: Level
    """Never disabled."""
    resource: str
    """Its name in the program, or `stack`."""
    urn: str | None
    """None where no single resource is at fault."""
    message: str
    exemption: Exemption | None = None
    """What excuses it; None: nothing does."""

    @property
    def violation(self) -> bool:
        return self.exemption is None

    @property
    def stops(self) -> bool:
        return self.violation and self.level is Level.MANDATORY

    def __str__(self) -> str:
        excuse = f"; excepted: {self.exemption}" if self.exemption else ""
        return f"{self.level}: {self.rule}: {self.resource}: {self.message}{excuse}"


def evaluate(
    resources: Sequence[Planned], facts: StackFacts, terms: Terms, today: date, rules: Sequence[Rule] = RULES
) -> tuple[Result, ...]:
    """What breaks `rules`, in their order and within one by the name of the resource.

    `resources` are all of a stack; for a rule whose scope is a resource, one of them is enough.
    """
    return tuple(result for rule in rules for result in judged(rule, resources, facts, terms, today))


def judged(rule: Rule, resources: Sequence[Planned], facts: StackFacts, terms: Terms, today: date) -> Iterator[Result]:
    """What breaks one rule."""
    level = terms.level_of(rule)
    if level is Level.DISABLED:
        return
    known = replace(facts, ended=tuple(one for one in terms.exemptions if one.until < today))
    valid = [one for one in terms.exemptions if one.rule == rule.name and one not in known.ended]
    named = [(found.resource.name if found.resource else STACK, found) for found in rule.check(resources, known)]
    for name, found in sorted(named, key=lambda one: (one[0], one[1].problem)):
        yield Result(
            rule=rule.name,
            level=level,
            resource=name,
            urn=found.resource.urn if found.resource else None,
            message=found.problem,
            exemption=next((one for one in valid if one.covers(name)), None),
        )
