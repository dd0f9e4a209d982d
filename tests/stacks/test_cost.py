"""What a plan costs, and how it is shown beside what is deployed."""

from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from nim_profiles.instance import PRICE_DATE
from stacks.cost import Cost, cost_of, cost_output
from stacks.cost_table import cost_table
from stacks.planning import DoesNotFit, make_plan
from tests.stacks.samples import FILE, LOCK, LOCK_FOLDER, TP8, raw

G6E_12XLARGE = Decimal("10.49264")
"""Four L40S, on demand in us-east-1."""
EKS = {"cluster": "one", "region": "us-east-1", "subnets": {"subnet-0aaaaaaaaaaaaaaaa": "use1-az1"}}


def cost(content: dict[str, Any]) -> Cost:
    return cost_of(make_plan(content, LOCK, LOCK_FOLDER, stack="test", file=FILE))


def eks(pool: dict[str, Any], **endpoint: Any) -> dict[str, Any]:
    content = raw(**endpoint)
    content["eks"] = EKS
    content["pools"]["l40s"] = {"back_end": "eks", "instance_type": "g6e.12xlarge", **pool}
    return content


def test_an_endpoint_pays_for_its_gpus_and_the_rest_stands_idle() -> None:
    found = cost(raw(replicas=3))
    assert found.usd_per_hour == G6E_12XLARGE
    assert found.endpoints == {"llama": G6E_12XLARGE * 3 / 4}
    assert found.pools[0].idle_usd_per_hour == G6E_12XLARGE / 4
    assert found.usd_per_month == G6E_12XLARGE * 730
    assert found.price_dates == (PRICE_DATE,)


def test_replicas_that_find_no_room_cost_nothing() -> None:
    with pytest.raises(DoesNotFit) as refused:
        cost(raw(replicas=6))
    found = cost_of(refused.value.plan)
    assert found.usd_per_hour == G6E_12XLARGE
    assert found.endpoints["llama"].quantize(Decimal("1e-9")) == G6E_12XLARGE.quantize(Decimal("1e-9"))
    assert found.pools[0].idle_usd_per_hour == 0


@pytest.mark.parametrize(("replicas", "nodes"), [(1, 1), (6, 2), (12, 3)])
def test_an_autoscaled_pool_costs_what_its_replicas_fill_within_its_limits(replicas: int, nodes: int) -> None:
    found = cost(eks({"node_count": 1, "max_node_count": 3}, replicas=replicas))
    assert (found.pools[0].nodes, found.usd_per_hour) == (nodes, nodes * G6E_12XLARGE)
    assert found.pools[0].note == "an autoscaler decides, between 1 and 3 nodes"


def test_spot_is_said_to_be_at_most_the_on_demand_price() -> None:
    assert cost(eks({"capacity_type": "spot"})).pools[0].note == "spot: at most this, the on-demand price"


def test_nodes_of_somebody_else_have_no_price_and_say_so() -> None:
    content = raw()
    content["pools"]["l40s"] = {"back_end": "existing", "gpu": "NVIDIA-L40S"}
    found = cost(content)
    assert (found.usd_per_hour, dict(found.endpoints), found.price_dates) == (Decimal(0), {}, ())
    assert (found.pools[0].usd_per_hour, found.pools[0].note) == (None, "nodes that somebody else pays")


def test_a_type_without_a_price_in_the_region_says_so() -> None:
    content = raw(profile=TP8)
    content["pools"]["l40s"] = {"back_end": "simulated", "instance_type": "p5e.48xlarge"}
    note = cost(content).pools[0].note
    assert note == "the catalogue has no on-demand price of p5e.48xlarge in us-east-1"


def shown(found: Cost, deployed: dict[str, Any]) -> str:
    console = Console(file=StringIO(), width=160)
    console.print(cost_table(found, deployed))
    text = console.file.getvalue()  # type: ignore[attr-defined]  # the buffer given above
    return "\n".join(line.rstrip() for line in text.splitlines())


def test_the_bill_is_shown_beside_what_is_deployed(snapshot: Any) -> None:
    before = cost_output(cost(raw(replicas=1)))
    assert before["usd_per_hour"] == "10.49264"
    before["endpoints"]["old"] = "1.2500"
    assert shown(cost(raw(replicas=3)), before) == snapshot
    assert shown(cost(raw(replicas=3)), {}) == snapshot
