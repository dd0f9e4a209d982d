"""An exception that has ended excuses nothing; whoever answered for it has to say again what is to be."""

from collections.abc import Iterator, Sequence

from nim_policy.facts import StackFacts
from nim_policy.planned import Planned
from nim_policy.rule import Finding, Rule, Scope


def check(resources: Sequence[Planned], facts: StackFacts) -> Iterator[Finding]:
    del resources
    for one in facts.ended:
        whom = f" of {one.resource}" if one.resource else ""
        found = f"the exception{whom} from {one.rule} ended on {one.until.isoformat()} ({one.reason})"
        yield Finding(None, f"{found}; remove it, or agree on another date")


RULE = Rule(name="exceptions", title="No exception has ended.", scope=Scope.STACK, check=check)
