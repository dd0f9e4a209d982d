"""docs/policy.md says of every rule what the code says."""

import re

import yaml

from nim_policy import RULES, Scope
from stacks.selected import ROOT
from stacks.settings import Policy

PAGE = (ROOT / "docs/policy.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `([\w-]+)` \| (\w+) \| (.*?) \| (.*?) \|$", PAGE, re.MULTILINE)
JUDGED = {Scope.RESOURCE: "resource by resource", Scope.STACK: "as a whole"}


def test_every_rule_stands_there_as_it_is() -> None:
    expected = [(rule.name, rule.level.value, rule.title, JUDGED[rule.scope]) for rule in RULES]
    assert expected == ROWS


def test_the_example_of_a_stack_file_is_right() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    policy = Policy.model_validate(yaml.safe_load(example)["nim:policy"])
    assert {*Policy.model_fields} == policy.model_fields_set
