"""What is read from the engine's events."""

from stacks.report.changes import Operation
from stacks.report.events import compared, engine_preview, parse_events
from tests.stacks.report.engine_log import STACK, endpoint, step, text

PROVIDER = step("pulumi:providers:kubernetes", "cluster")
NAMESPACE = step("kubernetes:core/v1:Namespace", "nim", inputs={"metadata": {"name": "nim"}})


def test_resources_are_read_without_components_and_providers() -> None:
    found = engine_preview(parse_events(text(PROVIDER, NAMESPACE, *endpoint("chat", inputs={"a": 1}))))
    assert [(one.kind, one.name, one.props) for one in found.resources.values()] == [
        ("Namespace", "nim", {"metadata": {"name": "nim"}}),
        ("Deployment", "chat", {"a": 1}),
    ]


def test_a_resource_belongs_to_the_endpoint_or_pool_above_it() -> None:
    pool = step("nim:compute:GpuNodePool", "l40s")
    node = step(
        "nim:compute:GpuNodePool$kubernetes:core/v1:Node", "l40s-0", parent=pool["resourcePreEvent"]["metadata"]["urn"]
    )
    found = engine_preview(parse_events(text(NAMESPACE, pool, node, *endpoint("chat"))))
    assert [(change.resource.name, change.owner) for change in found.changes] == [
        ("nim", None),
        ("l40s-0", "l40s"),
        ("chat", "chat"),
    ]


def test_a_replacement_is_told_once_with_what_forces_it() -> None:
    log = text(
        *endpoint("chat", "create-replacement"),
        *endpoint("chat", "replace", keys=["spec.selector"], detailedDiff={"spec.selector": {}, "spec.replicas": {}}),
        *endpoint("chat", "delete-replaced"),
        *endpoint("other", "update", detailedDiff={"spec.b": {}, "spec.a": {}}),
        *endpoint("old", "delete"),
    )
    found = engine_preview(parse_events(log)).changes
    assert [(one.operation, one.resource.name, one.properties) for one in found] == [
        (Operation.REPLACE, "chat", ("spec.selector",)),
        (Operation.UPDATE, "other", ("spec.a", "spec.b")),
        (Operation.DELETE, "old", ()),
    ]


def test_what_is_deployed_is_what_the_stack_exported() -> None:
    stack = step("pulumi:pulumi:Stack", "nim-team", "same", "")
    stack["resourcePreEvent"]["metadata"]["old"]["outputs"] = {"cost": {"usd_per_hour": "1.5"}}
    assert engine_preview([stack]).outputs == {"cost": {"usd_per_hour": "1.5"}}
    assert engine_preview([NAMESPACE]).outputs == {}


def test_errors_are_read_and_warnings_are_not() -> None:
    told = [
        {"diagnosticEvent": {"severity": severity, "message": f"a {severity}\n"}} for severity in ("warning", "error")
    ]
    assert engine_preview(told).errors == ("a error",)


def test_two_previews_of_the_same_stack_compare_as_one_after_the_other() -> None:
    before = engine_preview([NAMESPACE, *endpoint("chat", inputs={"a": 1}), *endpoint("old")])
    after = engine_preview([NAMESPACE, *endpoint("chat", inputs={"a": 2}), *endpoint("new")])
    assert {one.resource.name: (one.operation, one.owner) for one in compared(before, after)} == {
        "nim": (Operation.SAME, None),
        "chat": (Operation.UPDATE, "chat"),
        "old": (Operation.DELETE, "old"),
        "new": (Operation.CREATE, "new"),
    }
    assert STACK not in {one.resource.urn for one in compared(before, after)}
