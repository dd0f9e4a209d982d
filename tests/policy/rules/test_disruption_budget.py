from typing import Any

import pytest

from nim_policy.rules.disruption_budget import RULE
from tests.policy.samples import budget, found, group, server


def test_a_budget_that_selects_the_pods_is_enough() -> None:
    assert found(RULE, [server(), budget()]) == []
    assert found(RULE, [group(), budget()]) == []


def test_none_and_one_of_another_endpoint_are_not() -> None:
    problem = "has no PodDisruptionBudget, so a drain may take all its pods; make one"
    assert found(RULE, [server()]) == [problem]
    other = budget()
    other.props["spec"]["selector"]["matchLabels"]["app.kubernetes.io/instance"] = "other"
    assert found(RULE, [server(), other]) == [problem]


@pytest.mark.parametrize("spec", [{"maxUnavailable": 0}, {"maxUnavailable": "0%"}, {"minAvailable": 2}])
def test_a_budget_that_lets_no_pod_go_holds_a_drain_up_for_good(spec: dict[str, Any]) -> None:
    stuck = budget()
    del stuck.props["spec"]["maxUnavailable"]
    stuck.props["spec"].update(spec)
    assert found(RULE, [server(), stuck]) == [
        "PodDisruptionBudget llama lets no pod go, so a drain never ends; allow one"
    ]


def test_one_of_two_replicas_may_have_to_stay() -> None:
    careful = budget()
    del careful.props["spec"]["maxUnavailable"]
    careful.props["spec"]["minAvailable"] = 1
    assert found(RULE, [server(), careful]) == []
