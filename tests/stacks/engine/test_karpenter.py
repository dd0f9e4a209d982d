"""Pools of Karpenter's with the real engine and the real Karpenter, whose nodes have no machines."""

import json
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import yaml

from nim_profiles.instance import catalogue
from pulumi_nim.manifests.ec2_node_class import ec2_node_class
from tests.components.karpenter.samples import SCHEMAS
from tests.components.karpenter.test_rules import TAKEN
from tests.stacks.engine.conftest import FP8, LLAMA, Project, checked_out
from tests.stacks.engine.test_lifecycle import changes

pytestmark = pytest.mark.engine
STACK = "karpenter"
ENDPOINT = {"image": LLAMA, "profile": FP8}
POOL = {"back_end": "karpenter", "max_gpus": 8, "image": "al2023@v20260714", "consolidate_after": "2s"}
CONTENT: dict[str, Any] = {
    "nim:cluster": {"sandbox": STACK},
    "nim:eks": {
        "cluster": "nim",
        "region": "us-east-1",
        "subnets": {"subnet-0000000000000001": "use1-az1", "subnet-0000000000000002": "use1-az2"},
        "security_groups": ["sg-0000000000000001"],
        "karpenter_role": "KarpenterNodeRole-nim",
    },
    "nim:needs_ngc_key": False,
    # Without a Job that fills the cache first, and so brings a node first.
    "nim:caches": {"protect": False, "download": False},
    "nim:pools": {"l40s": {**POOL, "gpu": "NVIDIA-L40S"}, "l4": {**POOL, "gpu": "NVIDIA-L4"}},
    "nim:endpoints": {
        "one": {**ENDPOINT, "pool": "l40s", "replicas": 2},
        "two": {**ENDPOINT, "pool": "l4", "settings": {"max_model_len": 8192}},
    },
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Up once; the tests are steps of one life, in their order."""
    with checked_out(tmp_path_factory, STACK) as project:
        salt = "v1:Co71Z1prQWo=:v1:x/OMHhP/Xx5y+c4k:PmWP7LEGuL+mttPnrN/2GjlZRdSm7w=="
        project.stack_file.write_text(yaml.safe_dump({"encryptionsalt": salt, "config": CONTENT}), encoding="utf-8")
        done = project.stacks("up")
        assert done.code == 0, done.output
        yield project


def items(project: Project, kind: str) -> list[dict[str, Any]]:
    return list(json.loads(project.kubectl("get", kind, "--output", "json").output)["items"])


def nodes(project: Project, pool: str) -> list[dict[str, Any]]:
    return [node for node in items(project, "nodes") if node["metadata"]["labels"].get("pulumi-nim/pool") == pool]


def types(project: Project, pool: str) -> list[str]:
    return sorted(node["metadata"]["labels"]["node.kubernetes.io/instance-type"] for node in nodes(project, pool))


def settled(project: Project, pool: str, count: int) -> bool:
    """Nodes go a while after their pods: 2 s empty, then Karpenter's own rhythm."""
    deadline = time.monotonic() + 60
    while len(nodes(project, pool)) != count and time.monotonic() < deadline:
        time.sleep(1)
    return len(nodes(project, pool)) == count


def cheapest(gpu: str, gpu_count: int) -> str:
    """The cheapest type of the catalogue that holds so many GPUs on one node."""
    fitting = [
        (kind.usd_per_hour or Decimal("inf"), kind.name)
        for kind in catalogue().values()
        if kind.gpu.product == gpu and kind.gpu_count >= gpu_count
    ]
    return min(fitting)[1]


def test_pods_bring_the_cheapest_node_that_holds_their_bundle(project: Project) -> None:
    """Two pods that come together are one bundle: one node of four GPUs, where `place` would take two of one."""
    assert types(project, "l40s") == [cheapest("NVIDIA-L40S", 2)] == ["g6e.12xlarge"]
    assert types(project, "l4") == [cheapest("NVIDIA-L4", 1)] == ["g6.xlarge"]


def test_every_replica_runs_on_a_node_with_the_gpu_of_its_pool(project: Project) -> None:
    product = {
        node["metadata"]["name"]: node["metadata"]["labels"]["nvidia.com/gpu.product"]
        for node in items(project, "nodes")
    }
    found = {
        (pod["metadata"]["labels"]["app.kubernetes.io/instance"], product[pod["spec"]["nodeName"]])
        for pod in items(project, "pods")
    }
    assert found == {("one", "NVIDIA-L40S"), ("two", "NVIDIA-L4")}


def test_nodes_lie_in_the_zones_of_the_subnets_and_keep_others_out(project: Project) -> None:
    for node in items(project, "nodes"):
        assert node["metadata"]["labels"]["topology.k8s.aws/zone-id"] in {"use1-az1", "use1-az2"}
        assert node["spec"]["taints"] == [{"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}]


def test_a_node_counts_with_all_its_gpus_towards_the_limit(project: Project) -> None:
    (pool,) = [one for one in items(project, "nodepools") if one["metadata"]["name"] == "l40s"]
    assert pool["status"]["resources"]["nvidia.com/gpu"] == "4"
    assert pool["spec"]["limits"] == {"nvidia.com/gpu": "8"}


def test_up_again_changes_nothing(project: Project) -> None:
    done = project.stacks("up")
    assert done.code == 0, done.output
    assert set(changes(done.output)) == {"unchanged"}


def test_a_replica_for_which_there_is_room_brings_no_node(project: Project) -> None:
    (before,) = nodes(project, "l40s")
    project.edit(lambda config: config["nim:endpoints"]["one"].update(replicas=4))
    done = project.stacks("up")
    assert done.code == 0, done.output
    assert [node["metadata"]["name"] for node in nodes(project, "l40s")] == [before["metadata"]["name"]]


def test_nodes_go_when_their_endpoint_goes(project: Project) -> None:
    project.edit(lambda config: config["nim:endpoints"].pop("two"))
    done = project.stacks("up")
    assert done.code == 0, done.output
    assert settled(project, "l4", 0)
    assert types(project, "l40s") == ["g6e.12xlarge"]


@pytest.fixture(scope="module")
def definition(project: Project) -> None:
    """What a real cluster's API server has of Karpenter for AWS: its rules are part of the definition."""
    words = ("apply", "--server-side", "--filename", str(SCHEMAS / "karpenter.k8s.aws_ec2nodeclasses.yaml"))
    applied = project.kubectl(*words)
    assert applied.code == 0, applied.output
    kind = "customresourcedefinition/ec2nodeclasses.karpenter.k8s.aws"
    assert project.kubectl("wait", "--for=condition=Established", kind).code == 0


def dry_run(project: Project, manifest: dict[str, Any]) -> str:
    path = project.root / "node-class.json"
    path.write_text(json.dumps(manifest), encoding="utf-8")
    return project.kubectl("create", "--dry-run=server", "--validate=strict", "--filename", str(path)).output


@pytest.mark.usefixtures("definition")
def test_the_api_server_takes_every_node_class_that_our_rules_let_through(project: Project) -> None:
    for number, wanted in enumerate(TAKEN.values()):
        name = f"pool-{number}"
        answer = dry_run(project, ec2_node_class(name, wanted))
        assert answer == f"ec2nodeclass.karpenter.k8s.aws/{name} created (server dry run)\n"


@pytest.mark.usefixtures("definition")
def test_the_api_server_would_refuse_what_our_rules_refuse(project: Project) -> None:
    wrong = ec2_node_class("wrong", next(iter(TAKEN.values())))
    wrong["spec"]["tags"] = {"karpenter.sh/nodepool": "x"}
    assert "tag contains a restricted tag matching karpenter.sh/nodepool" in dry_run(project, wrong)
    wrong = ec2_node_class("wrong", TAKEN["EFA in one subnet"])
    wrong["spec"]["networkInterfaces"][0]["interfaceType"] = "efa-only"
    assert "must include a primary interface" in dry_run(project, wrong)


def test_destroy_leaves_no_node_and_no_word_of_ours_to_karpenter(project: Project) -> None:
    done = project.pulumi("destroy", "--yes")
    assert done.code == 0, done.output
    assert settled(project, "l40s", 0)
    for kind in ("nodepools", "nodeclaims", "kwoknodeclasses"):
        assert items(project, kind) == []
