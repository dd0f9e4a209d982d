"""The rules as a policy pack of the engine: each is a policy of its name, judged on what the program asks for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyPack,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.deserialize import serialize_properties

from nim_policy import RULES, Planned, Rule, Scope, StackFacts, Terms, judged
from stacks.faults import BadStackFile
from stacks.policing import facts_of, terms_of
from stacks.preflight import planned
from stacks.selected import ROOT

NAME = "nim"
STACK_FILE = "stack-file"
ENFORCED = (EnforcementLevel.MANDATORY, EnforcementLevel.ADVISORY)
ADVICE = "-advice"
"""After the name of a rule: the policy that tells it where it is advisory."""


@dataclass(frozen=True, slots=True)
class Known:
    """Of the stack that is judged."""

    facts: StackFacts
    terms: Terms


Source = Callable[[str], Known]
"""By name of the stack. Raises BadStackFile."""


def run() -> None:
    """Serves until the engine ends it."""
    PolicyPack(NAME, policies(datetime.now(UTC).date(), known_of))


@cache
def known_of(stack: str) -> Known:
    """From the stack's file and the lock file."""
    plan = planned(ROOT, stack)
    return Known(facts_of(plan), terms_of(plan))


def policies(today: date, source: Source) -> list[Policy]:
    """Every rule twice, as mandatory and as advice: a pack fixes levels before it knows the stack that sets them."""

    def refuse(args: ResourceValidationArgs, report: ReportViolation) -> None:
        try:
            source(_stack(args.urn))
        except BadStackFile as refusal:
            report(str(refusal), None)

    first = ResourceValidationPolicy(STACK_FILE, "The stack file is right.", refuse, EnforcementLevel.MANDATORY)
    rules = [_policy(rule, level, today, source) for rule in RULES for level in ENFORCED]
    return [first, *rules]


def _policy(rule: Rule, level: EnforcementLevel, today: date, source: Source) -> Policy:
    name = rule.name if level is EnforcementLevel.MANDATORY else f"{rule.name}{ADVICE}"

    def judge(resources: Sequence[Planned], report: ReportViolation) -> None:
        try:
            known = source(_stack(resources[0].urn))
        except BadStackFile:
            return  # told by the first policy
        for result in judged(rule, resources, known.facts, known.terms, today):
            if result.violation and result.level == level.value:
                report(result.message, result.urn)

    def one(args: ResourceValidationArgs, report: ReportViolation) -> None:
        judge([_planned(args)], report)

    def whole(args: StackValidationArgs, report: ReportViolation) -> None:
        judge([_planned(resource) for resource in args.resources], report)

    if rule.scope is Scope.RESOURCE:
        return ResourceValidationPolicy(name, rule.title, one, level)
    return StackValidationPolicy(name, rule.title, whole, level)


def _stack(urn: str) -> str:
    """`urn:pulumi:STACK::project::type::name`."""
    return urn.removeprefix("urn:pulumi:").partition("::")[0]


def _planned(resource: ResourceValidationArgs | PolicyResource) -> Planned:
    """What is not known yet stands in it as the engine writes it: the framework's own wrappers refuse a look."""
    return Planned(resource.urn, resource.resource_type, serialize_properties(resource.props))
