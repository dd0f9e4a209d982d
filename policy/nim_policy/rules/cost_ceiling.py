"""A stack costs no more than was allowed."""

from collections.abc import Iterator, Sequence

from nim_policy.facts import StackFacts
from nim_policy.planned import Planned
from nim_policy.rule import Finding, Rule, Scope
from nim_profiles.money import money


def check(resources: Sequence[Planned], facts: StackFacts) -> Iterator[Finding]:
    del resources
    ceiling, costs = facts.ceiling_usd_per_hour, facts.usd_per_hour
    if ceiling is None:
        return
    if costs > ceiling:
        found = f"costs {money(costs)}/h, above its ceiling of {money(ceiling)}/h"
        yield Finding(None, f"{found}; take smaller or fewer nodes, or raise policy.usd_per_hour")
    if facts.unpriced:
        pools = ", ".join(facts.unpriced)
        fix = "take an instance type with a price, or except it"
        yield Finding(None, f"nobody knows here what pools {pools} cost, so its ceiling cannot be kept; {fix}")


RULE = Rule(name="cost-ceiling", title="The stack costs at most `policy.usd_per_hour`.", scope=Scope.STACK, check=check)
