import re
from pathlib import Path
from typing import Any

import pytest

from pulumi_nim.cache_size import AccessMode
from pulumi_nim.eks.node_group import CapacityType, EksNodeGroup, ImageFamily
from stacks.eks import NOWHERE, account, region
from stacks.faults import BadStackFile
from stacks.plan import Plan
from stacks.planning import make_plan
from stacks.settings import Cluster
from tests.stacks.samples import FILE, LOCK, raw

EKS: dict[str, Any] = {
    "cluster": "nim",
    "region": "us-east-1",
    "subnets": {"subnet-000000000000000a": "use1-az2", "subnet-000000000000000b": "use1-az6"},
}


def content(eks: dict[str, Any] | None = None, **pool: Any) -> dict[str, Any]:
    made = raw()
    made["pools"] = {"l40s": {"back_end": "eks", "instance_type": "g6e.12xlarge", **pool}}
    made["eks"] = {**EKS, **(eks or {})}
    return made


def plan(wanted: dict[str, Any]) -> Plan:
    return make_plan(wanted, LOCK, Path(), stack="test", file=FILE)


def faults(wanted: dict[str, Any]) -> list[str]:
    with pytest.raises(BadStackFile) as refused:
        plan(wanted)
    return str(refused.value).splitlines()


def test_a_pool_on_eks_becomes_a_node_group() -> None:
    group = plan(content(node_count=2, subnets=["subnet-000000000000000b"], image="bottlerocket")).pools["l40s"]
    assert isinstance(group, EksNodeGroup)
    assert group.subnets == {"subnet-000000000000000b": "use1-az6"}
    assert (group.cluster_name, group.node_count) == ("nim", 2)
    assert (group.image_family, group.capacity_type) == (ImageFamily.BOTTLEROCKET, CapacityType.ON_DEMAND)
    assert region({"l40s": group}) == "us-east-1"


def test_what_aws_would_refuse_is_told_in_the_words_of_the_stack_file() -> None:
    wrong = content({"region": "eu-west-3"}, capacity_type="capacity-block", image="bottlerocket", root_disk_gib=1)
    keys = [re.match(r"\S+ (\S+):", line) for line in faults(wrong)]
    assert [key.group(1) for key in keys if key] == [
        "nim:eks.region",
        "nim:pools.l40s.root_disk_gib",
        "nim:pools.l40s.capacity_type",
        "nim:pools.l40s.capacity_reservation",
        "nim:pools.l40s.subnets",
    ]


def test_a_fault_of_the_cluster_is_told_once_for_all_pools() -> None:
    wrong = content({"tags": {"aws:x": "y"}})
    wrong["pools"]["other"] = wrong["pools"]["l40s"]
    assert faults(wrong) == [f"{FILE}: nim:eks.tags: found 'aws:x'; the prefix aws: is AWS's own"]


def test_a_pool_on_eks_needs_the_cluster() -> None:
    wrong = content()
    del wrong["eks"]
    assert faults(wrong) == [
        f"{FILE}: nim:eks: is missing, and pool l40s is to be made on EKS; add cluster, region, subnets"
    ]


def test_a_subnet_of_a_pool_is_one_of_the_clusters() -> None:
    (line,) = faults(content(subnets=["subnet-0000000000000fff"]))
    assert line.startswith(f"{FILE}: nim:pools.l40s.subnets: found subnet-0000000000000fff; subnets here: ")


def test_an_unknown_type_is_told_once() -> None:
    (line,) = faults(content(instance_type="g6e.13xlarge"))
    assert "which is not an instance type with NVIDIA GPUs in the catalogue" in line


def test_a_pool_that_an_autoscaler_may_grow_is_not_too_small_by_its_least() -> None:
    few = content(node_count=0, max_node_count=2)
    assert plan(few).notes == ()
    few["endpoints"]["llama"]["replicas"] = 9
    assert faults(few) == [
        f"{FILE}: nim:pools.l40s: has 8 of the 9 GPUs that its endpoints want (llama 9 x 1); "
        "write max_node_count: 3, or fewer replicas"
    ]
    assert faults(content(node_count=0)) == [
        f"{FILE}: nim:pools.l40s: has 0 of the 1 GPUs that its endpoints want (llama 1 x 1); "
        "write node_count: 1, or fewer replicas"
    ]


def test_a_cache_is_shared_where_replicas_may_lie_on_several_nodes() -> None:
    wanted = content(node_count=1, max_node_count=2)
    wanted["endpoints"]["llama"]["replicas"] = 2
    (endpoint,) = plan(wanted).endpoints
    assert endpoint.access_mode is AccessMode.MANY_NODES


def test_a_sandbox_never_leads_to_a_real_account(tmp_path: Path) -> None:
    stopped = account(Cluster(sandbox="one"), tmp_path, offline=False)
    assert set(stopped["endpoints"][0].values()) == {NOWHERE}
    assert (stopped["access_key"], stopped["secret_key"]) == ("simulated", "simulated")
    running = tmp_path / ".sandbox" / "one"
    running.mkdir(parents=True)
    (running / "aws-endpoint").write_text("http://127.0.0.1:20001")
    assert account(Cluster(sandbox="one"), tmp_path)["endpoints"][0]["eks"] == "http://127.0.0.1:20001"


def test_a_real_cluster_takes_the_users_own_account(tmp_path: Path) -> None:
    assert account(Cluster(context="mine"), tmp_path, offline=False) == {}


def test_a_preview_without_credentials_asks_no_account(tmp_path: Path) -> None:
    asked = account(Cluster(context="mine"), tmp_path, offline=True)
    assert set(asked["endpoints"][0].values()) == {NOWHERE}
    skipped = {"skip_credentials_validation", "skip_metadata_api_check", "skip_requesting_account_id"}
    assert skipped <= {key for key, value in asked.items() if value is True}
