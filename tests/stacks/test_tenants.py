import pytest

from pulumi_nim.cache_size import AccessMode
from stacks.planning import make_plan
from stacks.rollout import Strategy
from stacks.settings import Endpoint
from stacks.tenants import cache_access
from tests.stacks.samples import FILE, IMAGE, LOCK, LOCK_FOLDER, raw


@pytest.mark.parametrize(
    ("replicas", "rollout", "node_count", "access"),
    [
        (1, None, 2, AccessMode.ONE_NODE),
        (1, "surge", 2, AccessMode.MANY_NODES),
        (1, "surge", None, AccessMode.MANY_NODES),
        (1, "surge", 1, AccessMode.ONE_NODE),
        (1, "drain", None, AccessMode.ONE_NODE),
        (2, None, 2, AccessMode.MANY_NODES),
    ],
)
def test_a_surge_that_is_asked_for_gets_a_cache_for_two_nodes(
    replicas: int, rollout: str | None, node_count: int | None, access: AccessMode
) -> None:
    endpoint = Endpoint.model_validate({"image": IMAGE, "pool": "p", "replicas": replicas, "rollout": rollout})
    assert cache_access(endpoint, 1, node_count) is access


def test_a_replica_that_spreads_shares_its_cache() -> None:
    endpoint = Endpoint.model_validate({"image": IMAGE, "pool": "p"})
    assert cache_access(endpoint, 2, None) is AccessMode.MANY_NODES


def test_each_pool_is_judged_by_its_own_endpoints() -> None:
    content = raw(replicas=4)
    content["pools"]["spare"] = content["pools"]["l40s"]
    content["endpoints"]["second"] = {**content["endpoints"]["llama"], "pool": "spare", "replicas": 3}
    first, second = make_plan(content, LOCK, LOCK_FOLDER, stack="test", file=FILE).endpoints
    assert (first.rollout.strategy, first.rollout.seconds_per_replica) == (Strategy.DRAIN, 60 + 369)
    assert second.rollout.strategy is Strategy.SURGE
