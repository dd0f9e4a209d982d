from nim_policy.rules.start_up_budget import RULE
from tests.policy.samples import container, facts, found, group, server


def test_our_probes_wait_as_long_as_was_computed() -> None:
    assert found(RULE, [server(), group()], facts(start_up_seconds=601)) == []


def test_a_probe_that_gives_up_early_is_told() -> None:
    assert found(RULE, [server()], facts(start_up_seconds=1800)) == [
        "the startupProbe of container nim waits 610 s, but a start may take 1800 s; raise failureThreshold"
    ]


def test_kubernetes_own_defaults_are_counted() -> None:
    hasty = server()
    probe = container(hasty)["startupProbe"]
    del probe["periodSeconds"], probe["failureThreshold"]
    probe["initialDelaySeconds"] = 5
    assert found(RULE, [hasty]) == [
        "the startupProbe of container nim waits 35 s, but a start may take 601 s; raise failureThreshold"
    ]


def test_no_probe_is_no_patience() -> None:
    without = server()
    del container(without)["startupProbe"]
    assert found(RULE, [without]) == [
        "container nim has no startupProbe, so nothing waits for its weights; allow 601 s"
    ]
