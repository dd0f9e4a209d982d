"""The rules as policies of the engine. That the engine obeys them is shown in engine/test_policy.py."""

from datetime import date
from typing import Any

from pulumi_policy import EnforcementLevel, ResourceValidationArgs, ResourceValidationPolicy, StackValidationPolicy

from nim_policy import RULES, Exemption, Level, Planned, Scope, Terms
from stacks.faults import BadStackFile, Fault
from stacks.policy_pack import Known, policies
from tests.policy.samples import container, facts, server

TODAY = date(2026, 3, 1)
LOUD = server(env={"NIM_DISABLE_LOG_REQUESTS": "0"})


def told(resource: Planned, terms: Terms | None = None) -> dict[str, list[str]]:
    """By policy that judges one resource: what it reports."""
    known = Known(facts(), terms or Terms())
    asked = []

    def source(stack: str) -> Known:
        asked.append(stack)
        return known

    found = reports(resource, source)
    assert {*asked} == {"test"}
    return found


def reports(resource: Planned, source: Any) -> dict[str, list[str]]:  # Any: a source, as the pack takes it
    found: dict[str, list[str]] = {}
    unused: Any = None  # options, provider and config, which the rules do not look at
    parts = (resource.type, dict(resource.props), resource.urn, resource.name)
    args = ResourceValidationArgs(*parts, unused, unused, unused, {})
    for policy in policies(TODAY, source):
        if isinstance(policy, ResourceValidationPolicy):
            messages: list[str] = []
            policy.validate(args, lambda message, _, to=messages: to.append(message))  # type: ignore[misc]  # its bound list
            found |= {policy.name: messages} if messages else {}
    return found


def test_every_rule_is_a_policy_at_both_levels_and_the_stack_file_comes_first() -> None:
    made = policies(TODAY, lambda _: Known(facts(), Terms()))
    assert made[0].name == "stack-file"
    assert [(one.name, one.enforcement_level) for one in made[1:3]] == [
        ("pinned-profile", EnforcementLevel.MANDATORY),
        ("pinned-profile-advice", EnforcementLevel.ADVISORY),
    ]
    assert len(made) == 1 + 2 * len(RULES)
    whole = {one.name for one in made if isinstance(one, StackValidationPolicy)}
    assert {rule.name for rule in RULES if rule.scope is Scope.STACK} == {n for n in whole if not n.endswith("-advice")}


def test_a_broken_rule_is_reported_by_the_policy_of_its_level() -> None:
    assert [*told(LOUD)] == ["request-logs"]
    assert [*told(LOUD, Terms(levels={"request-logs": Level.ADVISORY}))] == ["request-logs-advice"]
    assert told(LOUD, Terms(levels={"request-logs": Level.DISABLED})) == {}


def test_what_is_excepted_is_not_reported() -> None:
    exemption = Exemption(rule="request-logs", resource="llama", reason="INC-7", until=TODAY)
    assert told(LOUD, Terms(exemptions=(exemption,))) == {}


def test_a_stack_file_that_is_wrong_is_one_violation() -> None:
    def source(stack: str) -> Known:
        raise BadStackFile([Fault(f"stacks/Pulumi.{stack}.yaml", "nim:pools", "is missing; add it")])

    assert reports(LOUD, source) == {"stack-file": ["stacks/Pulumi.test.yaml: nim:pools: is missing; add it"]}


def test_an_image_that_is_not_known_yet_is_no_violation() -> None:
    later = server()
    container(later)["image"] = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    assert told(later) == {}
