import copy
from typing import Any

import pytest

from nim_profiles.lock import Lock
from nim_profiles.locked_image import LockedImage, LockedProfile, Origin, Shape
from pulumi_nim.cache_size import AccessMode
from pulumi_nim.manifests.group import Group, Runtime
from stacks.faults import BadStackFile
from stacks.plan import Plan
from stacks.planning import make_plan
from stacks.table import endpoints_table
from tests.stacks.samples import DIGEST, FILE, LOCK, LOCK_FOLDER, raw

PINNED = "a" * 64
REFERENCES = {
    "2.x": "nvcr.io/nim/meta/llama-3.1-405b-instruct:2.0.12",
    "1.x": "nvcr.io/nim/meta/llama-3.1-405b-instruct:1.8.0",
    "variant": "nvcr.io/nim/meta/llama-3.1-405b-instruct:1.8.0-variant",
}
EKS = {
    "cluster": "one",
    "region": "us-east-1",
    "subnets": {"subnet-0aaaaaaaaaaaaaaaa": "use1-az1", "subnet-0bbbbbbbbbbbbbbbb": "use1-az2"},
    "karpenter_role": "nodes",
    "security_groups": ["sg-0aaaaaaaaaaaaaaaa"],
}
ON_EKS = {"back_end": "eks", "instance_type": "p5.48xlarge", "node_count": 2}
ONE_SUBNET = {**ON_EKS, "subnets": ["subnet-0aaaaaaaaaaaaaaaa"]}


def lock() -> Lock:
    tags = {"llm_engine": "vllm", "pp": "2", "precision": "bf16", "tp": "8"}
    profile = LockedProfile(id=PINNED, name="vllm-bf16-tp8-pp2", tags=tags, tags_complete=True)
    image = LockedImage(
        digest=DIGEST,
        source=Origin(kind="manifest", sha256="e" * 64),
        model="meta/llama",
        shape=Shape(catalogue="no/such-model"),
        profiles=(profile,),
    )
    return Lock(images=dict.fromkeys(REFERENCES.values(), image))


def plan(pool: dict[str, Any] | None = None, image: str = "2.x", **endpoint: Any) -> Plan:
    one = {"image": f"{REFERENCES[image]}@{DIGEST}", "profile": PINNED, "pool": "h100", **endpoint}
    content = {
        "cluster": {"sandbox": "test"},
        "needs_ngc_key": False,
        "eks": copy.deepcopy(EKS),
        "pools": {"h100": pool or ONE_SUBNET},
        "endpoints": {"llama": one},
    }
    return make_plan(content, lock(), LOCK_FOLDER, stack="test", file=FILE)


def refusal(pool: dict[str, Any] | None = None, image: str = "2.x", **endpoint: Any) -> str:
    with pytest.raises(BadStackFile) as refused:
        plan(pool, image, **endpoint)
    return str(refused.value)


def test_two_stages_of_eight_gpus_take_two_nodes_of_eight_and_a_cache_that_both_can_mount() -> None:
    (llama,) = plan().endpoints
    assert (llama.nodes_per_replica, llama.gpus_per_node) == (2, 8)
    assert llama.group == Group(size=2, runtime=Runtime.RAY)
    assert llama.access_mode is AccessMode.MANY_NODES


def test_a_pool_with_efa_gives_its_pods_every_interface_of_the_catalogue() -> None:
    (llama,) = plan({**ONE_SUBNET, "efa": True}).endpoints
    assert llama.group is not None
    assert llama.group.efa_interfaces == 32


def test_the_preview_says_so_where_the_nodes_of_a_replica_talk_tcp() -> None:
    told = "endpoint llama: the 2 nodes of a replica talk TCP, which slows every token down; where their type has EFA "
    assert f"{told}cards, set efa: true on the pool" in plan().notes
    assert not any("TCP" in note for note in plan({**ONE_SUBNET, "efa": True}).notes)


def test_options_of_vllm_leave_the_arguments_to_ray() -> None:
    (llama,) = plan(args=["--seed", "7"]).endpoints
    assert llama.container.args == ()
    assert llama.env["NIM_PASSTHROUGH_ARGS"] == "--seed 7"


def test_a_pool_with_room_for_half_of_the_groups_is_refused() -> None:
    assert refusal(replicas=2) == (
        "stacks/Pulumi.test.yaml: nim:pools.h100.node_count: found 2, but vllm-bf16-tp8-pp2 takes 2 nodes a replica, "
        "and 2 replicas 4; set it to 4 or more"
    )


def test_an_autoscaled_pool_is_judged_by_what_it_may_grow_to() -> None:
    assert "nim:pools.h100.max_node_count: found 3" in refusal({**ONE_SUBNET, "max_node_count": 3}, replicas=2)
    assert plan({**ONE_SUBNET, "max_node_count": 4}, replicas=2).endpoints


KARPENTER = {
    "back_end": "karpenter",
    "gpu": "NVIDIA-H100-80GB-HBM3",
    "image": "al2023@v20260714",
    "instance_types": ["p5.48xlarge"],
}


def test_karpenter_may_start_enough_nodes_for_all_groups_or_is_refused() -> None:
    (llama,) = plan({**KARPENTER, "max_gpus": 32, "efa": True, "subnets": ["subnet-0aaaaaaaaaaaaaaaa"]}).endpoints
    assert llama.group == Group(size=2, runtime=Runtime.RAY, efa_interfaces=32)
    assert refusal({**KARPENTER, "max_gpus": 16}, replicas=2) == (
        "stacks/Pulumi.test.yaml: nim:pools.h100.max_gpus: found 16, but all replicas take 32, and half a group never "
        "serves; set it to 32 or more"
    )


def test_a_pool_in_two_zones_is_refused() -> None:
    assert refusal(ON_EKS) == (
        "stacks/Pulumi.test.yaml: nim:pools.h100.subnets: found zones use1-az1, use1-az2, but vllm-bf16-tp8-pp2 takes "
        "2 nodes a replica, which all lie in one zone; leave one"
    )


def test_simulated_nodes_lie_in_zones_too() -> None:
    pool = {"back_end": "simulated", "instance_type": "p5.48xlarge", "node_count": 2}
    assert "nim:pools.h100.zones: found zones sandbox-a, sandbox-b" in refusal(pool)
    assert plan({**pool, "zones": ["sandbox-a"]}).endpoints


def test_images_of_1x_spread_by_mpi() -> None:
    (llama,) = plan(image="1.x").endpoints
    assert llama.group == Group(size=2, runtime=Runtime.MPI)


def test_an_image_of_which_nobody_says_how_it_spreads_is_refused() -> None:
    assert refusal(image="variant") == (
        "stacks/Pulumi.test.yaml: nim:endpoints.llama.profile: found vllm-bf16-tp8-pp2, which takes 2 nodes a replica, "
        "and how this image does that is not known; use a language NIM, or engine vllm with a plain vLLM image"
    )


def test_nodes_too_small_for_one_stage_are_refused() -> None:
    assert "g6e.12xlarge with 4 GPUs each, and one pipeline stage needs 8 on one node" in refusal(
        {**ONE_SUBNET, "instance_type": "g6e.12xlarge"}
    )


def test_what_the_group_is_told_cannot_be_told_otherwise() -> None:
    assert "nim:endpoints.llama.env.NIM_NODE_RANK: is written for every pod" in refusal(env={"NIM_NODE_RANK": "0"})


def test_an_exclusive_topology_without_a_group_is_refused() -> None:
    with pytest.raises(BadStackFile) as refused:
        make_plan(raw(exclusive_topology="rack"), LOCK, LOCK_FOLDER, stack="test", file=FILE)
    assert str(refused.value) == (
        "stacks/Pulumi.test.yaml: nim:endpoints.llama.exclusive_topology: is for replicas of several nodes, and "
        "vllm-fp8-tp1-pp1-27.0 runs on one node here; leave it out"
    )


def test_nodes_that_somebody_else_runs_take_one_stage_each() -> None:
    pool = {"back_end": "existing", "gpu": "NVIDIA-H100-80GB-HBM3"}
    (llama,) = plan(pool, exclusive_topology="rack").endpoints
    assert llama.group == Group(size=2, runtime=Runtime.RAY, exclusive_topology="rack")


def test_the_table_says_over_how_many_nodes_the_gpus_of_a_replica_lie() -> None:
    shown = plan()
    column = endpoints_table(shown, {}, {}).columns[2]
    assert [*column.cells] == ["16 x H100\non 2 nodes"]
