import dataclasses
from decimal import Decimal

from nim_policy.rules.cost_ceiling import RULE
from tests.policy.samples import facts, found


def test_without_a_ceiling_and_below_it_all_is_well() -> None:
    assert found(RULE, []) == []
    assert found(RULE, [], dataclasses.replace(facts(), ceiling_usd_per_hour=Decimal("10.5"))) == []


def test_a_stack_above_its_ceiling_is_told() -> None:
    assert found(RULE, [], dataclasses.replace(facts(), ceiling_usd_per_hour=Decimal(10))) == [
        "costs $10.50/h, above its ceiling of $10.00/h; take smaller or fewer nodes, or raise policy.usd_per_hour"
    ]


def test_what_has_no_price_keeps_no_ceiling() -> None:
    known = dataclasses.replace(facts(), ceiling_usd_per_hour=Decimal(20), unpriced=("b200",))
    assert found(RULE, [], known) == [
        "nobody knows here what pools b200 cost, so its ceiling cannot be kept; "
        "take an instance type with a price, or except it"
    ]
