"""What is in the cluster under our names and is not in our state belongs to somebody else."""

from pathlib import Path
from typing import Any

from stacks.planning import make_plan
from stacks.strangers import Made, unknown
from tests.stacks.samples import FILE, LOCK, LOCK_FOLDER, raw
from tests.stacks.test_karpenter import content as on_karpenter

DEPLOYMENT = "kubernetes:apps/v1:Deployment"


def paths(wanted: dict[str, Any], state: dict[str, Any], folder: Path = LOCK_FOLDER) -> list[str]:
    return [one.path for one in unknown(make_plan(wanted, LOCK, folder, stack="test", file=FILE), state)]


def held(name: str) -> dict[str, Any]:
    return {"type": DEPLOYMENT, "inputs": {"metadata": {"name": name}}}


LLAMA = "/apis/apps/v1/namespaces/nim/deployments/llama"


def test_before_the_first_up_everything_is_looked_for() -> None:
    assert paths(raw(), {}) == [LLAMA]
    assert paths(raw(), {"resources": None}) == [LLAMA]


def test_what_the_state_has_is_ours() -> None:
    assert paths(raw(), {"resources": [{"type": "pulumi:pulumi:Stack"}, held("llama")]}) == []
    assert paths(raw(), {"resources": [held("other")]}) == [LLAMA]


def test_what_a_killed_up_had_begun_is_ours() -> None:
    assert paths(raw(), {"pending_operations": [{"resource": held("llama"), "type": "creating"}]}) == []


def test_what_is_taken_over_on_purpose_is_not_looked_for() -> None:
    assert paths(raw(adopt={"deployment": "old", "selector": {"app": "old"}}), {}) == []


def test_the_pools_of_karpenter_lie_in_no_namespace() -> None:
    assert "/apis/karpenter.sh/v1/nodepools/l40s" in paths(on_karpenter(), {}, Path())


def test_a_name_that_is_taken_is_told_with_the_ways_out() -> None:
    deployment = Made("nim:endpoints.llama", "apps/v1", "Deployment", "llama", "nim")
    assert str(deployment.taken(FILE)) == (
        f"{FILE}: nim:endpoints.llama: is also the name of a Deployment in the cluster that is no part of this stack, "
        "and would be taken over; choose another name, or another nim:namespace, or take it over (docs/adoption.md)"
    )
    pool = Made("nim:pools.l40s", "karpenter.sh/v1", "NodePool", "l40s", None)
    assert str(pool.taken(FILE)) == (
        f"{FILE}: nim:pools.l40s: is also the name of a NodePool in the cluster that is no part of this stack, and "
        "would be taken over; choose another name"
    )
