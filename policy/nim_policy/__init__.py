"""Rules over planned resources of NIM endpoints: what a stack may not do, and what it had better do otherwise."""

from nim_policy.evaluate import STACK, Result, Terms, evaluate, judged
from nim_policy.exemption import Exemption
from nim_policy.facts import EndpointFacts, StackFacts
from nim_policy.planned import Planned
from nim_policy.rule import Finding, Level, Rule, Scope
from nim_policy.rules import RULES

__all__ = [
    "RULES",
    "STACK",
    "EndpointFacts",
    "Exemption",
    "Finding",
    "Level",
    "Planned",
    "Result",
    "Rule",
    "Scope",
    "StackFacts",
    "Terms",
    "evaluate",
    "judged",
]
