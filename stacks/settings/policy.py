"""What a stack says about the rules of the policy pack."""

import difflib
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from nim_policy import RULES
from stacks.settings.part import Part, Text

RULE_NAMES = tuple(rule.name for rule in RULES)


def _known(name: str) -> str:
    if name not in RULE_NAMES:
        near = difflib.get_close_matches(name, RULE_NAMES, n=1)
        raise ValueError(f"found {name!r}; write {near[0] if near else 'one of ' + ', '.join(RULE_NAMES)}")
    return name


RuleName = Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": [*RULE_NAMES]})]


MIDNIGHT = " 00:00:00 +0000 UTC"
"""What the engine appends to a day that stands in a stack file without quotes."""
Day = Annotated[date, BeforeValidator(lambda found: found.removesuffix(MIDNIGHT) if isinstance(found, str) else found)]


class PolicyException(Part):
    """A rule may be broken for a time, and somebody says why."""

    rule: RuleName
    resource: Annotated[Text | None, Field(description="Its name, such as the endpoint's; default: all")] = None
    reason: Annotated[Text, Field(description="Why, and who answers for it")]
    until: Annotated[Day, Field(description="The last day; from then on the exception itself is a violation")]


class Policy(Part):
    """Rules are mandatory or advisory by themselves; this makes them stricter or milder here."""

    levels: Annotated[
        dict[RuleName, Literal["mandatory", "advisory", "disabled"]], Field(description="By rule: docs/policy.md")
    ] = {}
    exceptions: list[PolicyException] = []
    usd_per_hour: Annotated[
        Decimal | None, Field(gt=0, description="What all nodes together may cost on demand; default: no ceiling")
    ] = None
