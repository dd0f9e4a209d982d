import pytest

from nim_sandbox.kubernetes_plugin.readiness import READY, Waiting
from nim_sandbox.kubernetes_plugin.wait_for import BadWaitFor, judge_wait_for, parse_wait_for

LIVE = {
    "metadata": {"annotations": {"a.b/c": "yes"}},
    "status": {
        "phase": "Running",
        "replicas": 2,
        "conditions": [{"type": "Ready", "status": "False"}, {"type": "Available", "status": "True"}],
    },
}


@pytest.mark.parametrize(
    "met",
    [
        "condition=Available",
        "condition=Ready=False",
        "jsonpath={.status.phase}=Running",
        "jsonpath=.status.replicas=2",
        "jsonpath={.status.conditions[1].type}=Available",
        "jsonpath={.metadata.annotations['a.b/c']}=yes",
        "jsonpath={.metadata.annotations.a\\.b/c}=yes",
        "jsonpath={.status.phase}",
        '["condition=Available", "jsonpath={.status.phase}=Running"]',
    ],
)
def test_a_wish_that_the_object_meets_is_ready(met: str) -> None:
    assert judge_wait_for(met, LIVE) == READY


@pytest.mark.parametrize(
    ("unmet", "text"),
    [
        ("condition=Ready", "waiting for condition Ready=True"),
        ("jsonpath={.status.none}", "waiting for .status.none"),
        ('["condition=Available", "jsonpath={.status.phase}=Done"]', "waiting for .status.phase=Done"),
    ],
)
def test_an_unmet_wish_is_named(unmet: str, text: str) -> None:
    assert judge_wait_for(unmet, LIVE) == Waiting(text)


def test_a_condition_of_an_older_generation_does_not_count() -> None:
    condition = {"type": "Available", "status": "True", "observedGeneration": 1}
    live = {"metadata": {"generation": 2}, "status": {"conditions": [condition]}}
    assert judge_wait_for("condition=Available", live) != READY
    assert judge_wait_for("condition=Available", {**live, "metadata": {"generation": 1}}) == READY


@pytest.mark.parametrize("bad", ["", "Ready", "condition=", "jsonpath={.a[*]}", "jsonpath={.a[?(@.b)]}=1", "[]", "[1]"])
def test_what_cannot_be_understood_is_refused(bad: str) -> None:
    with pytest.raises(BadWaitFor):
        parse_wait_for(bad)
