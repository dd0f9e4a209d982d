"""What would be done to a resource, from what it was and what it will be."""

from typing import Any

import pytest

from nim_policy import Planned
from stacks.report.changes import Change, Operation, change_of

CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
GROUP = "aws:eks/nodeGroup:NodeGroup"


def planned(kind: str, props: dict[str, Any]) -> Planned:
    return Planned(f"urn:pulumi:test::nim::{kind}::one", kind, props)


def test_what_was_not_there_is_created_and_what_will_not_be_deleted() -> None:
    one = planned(CLAIM, {})
    assert change_of(None, one, "chat") == Change(Operation.CREATE, one, "chat")
    assert change_of(one, None, None) == Change(Operation.DELETE, one, None)


@pytest.mark.parametrize(
    ("kind", "before", "after", "operation", "properties"),
    [
        (DEPLOYMENT, {"spec": {"replicas": 1}}, {"spec": {"replicas": 1}}, Operation.SAME, ()),
        (DEPLOYMENT, {"spec": {"replicas": 1}}, {"spec": {"replicas": 2}}, Operation.UPDATE, ("spec.replicas",)),
        (DEPLOYMENT, {"spec": {"replicas": 1}}, {"spec": {}}, Operation.UPDATE, ("spec.replicas",)),
        (
            DEPLOYMENT,
            {"spec": {"selector": {"matchLabels": {"a": "b"}}, "replicas": 1}},
            {"spec": {"selector": {"matchLabels": {"a": "c"}}, "replicas": 2}},
            Operation.REPLACE,
            ("spec.selector.matchLabels.a",),
        ),
        (DEPLOYMENT, {"a": [{"b": 1}]}, {"a": [{"b": 2}]}, Operation.UPDATE, ("a[0].b",)),
        (DEPLOYMENT, {"a": [1]}, {"a": [1, 2]}, Operation.UPDATE, ("a",)),
        (CLAIM, {"metadata": {"name": "a"}}, {"metadata": {"name": "b"}}, Operation.REPLACE, ("metadata.name",)),
        (CLAIM, {"spec": {"accessModes": ["a"]}}, {"spec": {"accessModes": ["b"]}}, Operation.REPLACE, None),
        (CLAIM, {"spec": {"resources": {"x": "1"}}}, {"spec": {"resources": {"x": "2"}}}, Operation.UPDATE, None),
        (GROUP, {"instanceTypes": ["a"]}, {"instanceTypes": ["b"]}, Operation.REPLACE, ("instanceTypes[0]",)),
        (GROUP, {"metadata": {"name": "a"}}, {"metadata": {"name": "b"}}, Operation.UPDATE, ("metadata.name",)),
    ],
)
def test_a_change_updates_or_replaces_by_what_its_kind_can_change(
    kind: str, before: Any, after: Any, operation: Operation, properties: tuple[str, ...] | None
) -> None:
    found = change_of(planned(kind, before), planned(kind, after), None)
    assert found.operation is operation
    if properties is not None:
        assert found.properties == properties


def test_a_change_reads_as_a_line() -> None:
    found = change_of(planned(DEPLOYMENT, {"a": 1}), planned(DEPLOYMENT, {"a": 2}), None)
    assert str(found) == "update Deployment one (a)"
