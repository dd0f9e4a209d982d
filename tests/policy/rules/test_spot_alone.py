from nim_policy.rules.spot_alone import RULE
from tests.policy.samples import facts, found, server


def test_nodes_that_stay_are_no_risk() -> None:
    assert found(RULE, [server()]) == []


def test_spot_nodes_alone_are_told() -> None:
    assert found(RULE, [server()], facts(spot=True)) == [
        "runs on spot nodes alone; give it a pool that can also be on-demand"
    ]
