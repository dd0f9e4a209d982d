"""Levels, exceptions and their end."""

import dataclasses
from datetime import date

from nim_policy import RULES, Exemption, Level, Scope, Terms, evaluate
from tests.policy.samples import budget, claimed, container, facts, server, space

TODAY = date(2026, 3, 1)
LOUD = server(env={"NIM_DISABLE_LOG_REQUESTS": "0"})
STACK = [LOUD, claimed(), budget(), space()]
EXEMPTION = Exemption(rule="request-logs", resource="llama", reason="INC-7, team a", until=date(2026, 3, 1))


def told(terms: Terms) -> list[str]:
    return [str(one) for one in evaluate(STACK, facts(), terms, TODAY)]


LOGS = (
    "request-logs: llama: NIM_DISABLE_LOG_REQUESTS=0 writes what users write to the log; "
    "leave it out, or let somebody answer for it by an exception"
)


def test_a_stack_that_keeps_the_rules_is_told_nothing() -> None:
    assert evaluate([server(), claimed(), budget(), space()], facts(), Terms(), TODAY) == ()


def test_a_broken_rule_stops_and_names_its_resource() -> None:
    (broken,) = evaluate(STACK, facts(), Terms(), TODAY)
    assert str(broken) == f"mandatory: {LOGS}"
    assert (broken.stops, broken.urn) == (True, LOUD.urn)


def test_a_level_can_be_lowered_and_a_rule_disabled() -> None:
    (milder,) = evaluate(STACK, facts(), Terms(levels={"request-logs": Level.ADVISORY}), TODAY)
    assert (milder.violation, milder.stops) == (True, False)
    assert told(Terms(levels={"request-logs": Level.DISABLED})) == []


def test_an_exception_holds_until_the_end_of_its_last_day() -> None:
    (excused,) = evaluate(STACK, facts(), Terms(exemptions=(EXEMPTION,)), TODAY)
    assert str(excused) == f"mandatory: {LOGS}; excepted: INC-7, team a (until 2026-03-01)"
    assert (excused.violation, excused.stops) == (False, False)


def test_an_exception_that_has_ended_excuses_nothing_and_is_itself_a_violation() -> None:
    over = dataclasses.replace(EXEMPTION, until=date(2026, 2, 28))
    assert told(Terms(exemptions=(over,))) == [
        f"mandatory: {LOGS}",
        "mandatory: exceptions: stack: the exception of llama from request-logs ended on 2026-02-28 (INC-7, team a); "
        "remove it, or agree on another date",
    ]
    assert told(Terms(exemptions=(over,), levels={"exceptions": Level.DISABLED})) == [f"mandatory: {LOGS}"]


def test_an_exception_for_another_resource_or_rule_excuses_nothing() -> None:
    other = dataclasses.replace(EXEMPTION, resource="other")
    wrong = dataclasses.replace(EXEMPTION, rule="plain-key")
    assert told(Terms(exemptions=(other, wrong))) == [f"mandatory: {LOGS}"]


def test_an_exception_without_a_resource_is_one_for_all() -> None:
    everywhere = dataclasses.replace(EXEMPTION, resource=None)
    assert [one.violation for one in evaluate(STACK, facts(), Terms(exemptions=(everywhere,)), TODAY)] == [False]


def test_the_order_of_resources_never_matters() -> None:
    loose = server()
    container(loose)["image"] = "x"
    both = [LOUD, dataclasses.replace(loose, urn="urn::other")]
    assert evaluate(both, facts(), Terms(), TODAY) == evaluate(both[::-1], facts(), Terms(), TODAY)


def test_rules_that_judge_alone_find_the_same_in_one_resource() -> None:
    alone = [rule for rule in RULES if rule.scope is Scope.RESOURCE]
    whole = evaluate(STACK, facts(), Terms(), TODAY, alone)
    assert tuple(one for part in STACK for one in evaluate([part], facts(), Terms(), TODAY, alone)) == whole
