from nim_policy import Level
from nim_policy.rules.lighter_precision import RULE
from tests.policy.samples import facts, found, server


def test_where_nothing_is_lighter_nothing_is_said() -> None:
    assert found(RULE, [server()]) == []


def test_the_saving_is_told_as_advice() -> None:
    assert found(RULE, [server()], facts(lighter="runs bf16; fp8 would need 6.4 GiB less")) == [
        "runs bf16; fp8 would need 6.4 GiB less"
    ]
    assert RULE.level is Level.ADVISORY
