"""A report says of every endpoint what changes, whether it fits, what it costs and what that means."""

from dataclasses import replace
from decimal import Decimal

from nim_policy import Level, Planned, Result
from stacks.cost import cost_of, cost_output
from stacks.report import Before, Report, report_of
from stacks.report.changes import Change, Operation
from stacks.report.endpoint import EndpointReport, State
from stacks.summary import EndpointSummary
from tests.stacks.report.pull_request import LABEL, plan, repaired, too_large

BASE = plan("base")
NOTHING = Before(label="nothing")


def of(report: Report, name: str) -> EndpointReport:
    (found,) = (one for one in report.endpoints if one.name == name)
    return found


def change(kind: str, operation: Operation, *properties: str, owner: str) -> Change:
    return Change(operation, Planned(f"urn:pulumi:team::nim::{kind}::{owner}", kind, {}), owner, properties)


def test_without_anything_before_all_is_new() -> None:
    report = report_of(BASE, NOTHING)
    assert [(one.name, one.state) for one in report.endpoints] == [
        ("assistant", State.NEW),
        ("coder", State.NEW),
        ("reasoner", State.NEW),
    ]
    assert (report.usd_per_hour_before, report.usd_per_hour) == (None, cost_of(BASE).usd_per_hour)
    assert of(report, "coder").consequences == ("it answers at most 12 min after its pods have a node",)


def test_the_same_plan_twice_changes_nothing() -> None:
    report = report_of(BASE, Before.of_plan(BASE, LABEL))
    assert {one.state for one in report.endpoints} == {State.UNCHANGED}
    assert all(not one.consequences and one.bar_before is None for one in report.endpoints)


def test_what_a_stack_exports_says_the_same_as_its_plan() -> None:
    outputs = {
        "cost": cost_output(cost_of(BASE)),
        "endpoints": {one.name: {"url": "x", **EndpointSummary.of(one, BASE).document} for one in BASE.endpoints},
    }
    exported, planned = Before.of_outputs(outputs, LABEL), Before.of_plan(BASE, LABEL)
    assert replace(exported, bars=planned.bars) == planned


def test_a_change_of_the_profile_tells_the_download_the_bars_and_the_rollout() -> None:
    assistant = of(repaired(), "assistant")
    assert assistant.state is State.CHANGED
    assert assistant.consequences == (
        "its weights are downloaded anew, 32.1 GB, into another cache; the old one stays in the cluster",
        "its pods are replaced: it ends one replica after the other (pool l40s has no room for one more): "
        "1 of 2 serve for 1212 s",
    )
    assert assistant.bar_before is not None
    assert assistant.bar is not None
    assert (assistant.bar_before.label, assistant.bar.label) == ("assistant, before", "assistant")


def test_a_setting_without_which_it_would_not_fit_is_named() -> None:
    coder = of(repaired(), "coder")
    assert (coder.fits, coder.repairs) == (True, ("--max-model-len=65536",))


def test_what_does_not_fit_comes_with_what_would_make_it_fit() -> None:
    report = too_large()
    coder = of(report, "coder")
    assert coder.fits is False
    assert coder.repairs[0].startswith("add --max-model-len=74752: frees 6.9 GiB per GPU (estimate)")
    assert not report.ok
    assert [fault.key for fault in report.faults] == ["nim:endpoints.coder.profile"]


def test_more_replicas_alone_make_no_pod_anew() -> None:
    before = Before.of_plan(BASE, LABEL)
    fewer = {**before.endpoints, "assistant": replace(before.endpoints["assistant"], replicas=1)}
    assistant = of(report_of(BASE, replace(before, endpoints=fewer)), "assistant")
    assert (assistant.state, assistant.consequences) == (State.CHANGED, ())


def test_a_change_of_resources_alone_is_a_change_and_tells_what_is_replaced() -> None:
    claim = change("kubernetes:core/v1:PersistentVolumeClaim", Operation.REPLACE, "spec.accessModes", owner="coder")
    service = change("kubernetes:core/v1:Service", Operation.REPLACE, "metadata.name", owner="coder")
    pods = change("kubernetes:apps/v1:Deployment", Operation.UPDATE, "spec.template.spec.volumes[0]", owner="coder")
    same = change("kubernetes:apps/v1:Deployment", Operation.SAME, owner="reasoner")
    report = report_of(BASE, Before.of_plan(BASE, LABEL), changes=[claim, service, pods, same])
    first, second, third = of(report, "coder").consequences
    assert first.startswith("its weights are downloaded anew")
    assert second == "Service coder is replaced, for metadata.name"
    assert third.startswith("its pods are replaced: it starts a new replica before an old one ends")
    assert of(report, "reasoner").state is State.UNCHANGED
    assert report.operations == {Operation.UPDATE: 1, Operation.REPLACE: 2, Operation.SAME: 1}


def test_an_endpoint_that_goes_costs_nothing_any_more_and_leaves_its_cache() -> None:
    before = Before.of_plan(BASE, LABEL)
    more = {**before.endpoints, "old": before.endpoints["coder"]}
    report = report_of(BASE, replace(before, endpoints=more, endpoint_usd_per_hour={"old": Decimal("1.25")}))
    old = of(report, "old")
    assert (old.state, old.usd_per_hour_before, old.usd_per_hour) == (State.GONE, Decimal("1.25"), None)
    assert old.consequences == ("it goes, and its URL with it; its cache stays in the cluster",)


def test_nodes_that_are_replaced_take_their_pods_along() -> None:
    group = change("aws:eks/nodeGroup:NodeGroup", Operation.REPLACE, "instanceTypes[0]", owner="l40s")
    pool = next(one for one in report_of(BASE, NOTHING, changes=[group]).pools if one.name == "l40s")
    assert pool.consequences == (
        "NodeGroup l40s is replaced, for instanceTypes[0]: its nodes go, and all pods on them",
    )


def test_notes_of_an_endpoint_stand_with_it_and_the_others_with_the_stack() -> None:
    report = report_of(replace(BASE, notes=("endpoint coder: mind.", "pool l40s is full")), NOTHING, remarks=["first"])
    assert of(report, "coder").warnings == ("mind.",)
    assert report.warnings == ("first", "pool l40s is full")


def test_a_mandatory_rule_that_is_broken_keeps_an_up_from_going_on_and_advice_does_not() -> None:
    def result(level: Level) -> Result:
        return Result(rule="r", level=level, resource="coder", urn=None, message="m")

    assert not report_of(BASE, NOTHING, policies=[result(Level.MANDATORY)]).ok
    assert report_of(BASE, NOTHING, policies=[result(Level.ADVISORY)]).ok
    assert not report_of(BASE, NOTHING, errors=["the engine says"]).ok
