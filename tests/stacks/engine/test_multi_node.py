"""A replica of two nodes with the real engine and the genuine LeaderWorkerSet controller, on nodes with EFA."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import yaml

from nim_sandbox.aws.account import CLUSTER
from nim_sandbox.leader_worker_set import SET_LABEL
from nim_sandbox.tools import provide
from nim_sandbox.versions import version_table
from tests.stacks.engine.conftest import Project, checked_out
from tests.stacks.engine.test_lifecycle import changes

pytestmark = pytest.mark.engine
STACK = "eks-sandbox"
IMAGE = (
    "nvcr.io/nim/meta/llama-3.1-405b-instruct:2.0.6"
    "@sha256:75bc3da6912f961b6a9a8cb22390c1ce226e7f7feceef2a74b4373e250b9ab9d"
)
BF16_TP8_PP2 = "d76d071337649e018680725e4ad3063d3515ab3b5aeccd258d435d83b9828fbf"
SUBNET = "subnet-0000000000000001"
CONTENT: dict[str, Any] = {
    "nim:cluster": {"sandbox": STACK},
    "nim:eks": {
        "cluster": CLUSTER,
        "region": "us-east-1",
        "subnets": {SUBNET: "use1-az1"},
        "security_groups": ["sg-0000000000000001"],
    },
    "nim:needs_ngc_key": False,
    "nim:caches": {"protect": False},
    "nim:pools": {
        "h100": {"back_end": "eks", "instance_type": "p5.48xlarge", "node_count": 4, "subnets": [SUBNET], "efa": True}
    },
    "nim:endpoints": {"large": {"image": IMAGE, "profile": BF16_TP8_PP2, "pool": "h100"}},
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Up once; the tests are steps of one life, in their order."""
    provide(print, version_table().needed_by("lws"))
    with checked_out(tmp_path_factory, STACK) as project:
        salt = "v1:Co71Z1prQWo=:v1:x/OMHhP/Xx5y+c4k:PmWP7LEGuL+mttPnrN/2GjlZRdSm7w=="
        project.stack_file.write_text(yaml.safe_dump({"encryptionsalt": salt, "config": CONTENT}), encoding="utf-8")
        done = project.stacks("up")
        assert done.code == 0, done.output
        assert "1 of 1 ready" in done.output
        yield project


def pods(project: Project) -> dict[str, dict[str, Any]]:
    """Of the groups, by name."""
    selector = f"{SET_LABEL}=large"
    found = json.loads(project.kubectl("get", "pods", "--selector", selector, "--output", "json").output)["items"]
    return {pod["metadata"]["name"]: pod for pod in found}


def ready(pod: Mapping[str, Any]) -> bool:
    conditions = pod["status"].get("conditions", ())
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def test_leader_and_worker_are_ready_each_with_all_of_a_node(project: Project) -> None:
    here = pods(project)
    assert sorted(here) == ["large-0", "large-0-1"]
    assert all(ready(pod) for pod in here.values())
    assert len({pod["spec"]["nodeName"] for pod in here.values()}) == 2
    limits = here["large-0-1"]["spec"]["containers"][0]["resources"]["limits"]
    assert (limits["nvidia.com/gpu"], limits["vpc.amazonaws.com/efa"]) == ("8", "32")


def test_the_worker_is_told_where_its_leader_is(project: Project) -> None:
    container = pods(project)["large-0-1"]["spec"]["containers"][0]
    env = {entry["name"]: entry.get("value") for entry in container["env"]}
    assert env["LWS_LEADER_ADDRESS"] == "large-0.large-0.nim"
    assert (env["LWS_GROUP_SIZE"], env["LWS_WORKER_INDEX"]) == ("2", "1")
    assert container["args"] == ["nim-serve-ray", "--head-address", "$(LWS_LEADER_ADDRESS):6379"]


def test_the_endpoints_service_leads_to_the_leader_alone(project: Project) -> None:
    slices = json.loads(
        project.kubectl(
            "get", "endpointslices", "--selector", "kubernetes.io/service-name=large", "--output", "json"
        ).output
    )["items"]
    targets = [endpoint["targetRef"]["name"] for one in slices for endpoint in one["endpoints"]]
    assert targets == ["large-0"]


def test_both_nodes_may_mount_the_cache(project: Project) -> None:
    (claim,) = json.loads(project.kubectl("get", "pvc", "--output", "json").output)["items"]
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]


def test_a_second_up_changes_nothing(project: Project) -> None:
    assert set(changes(project.pulumi("up", "--yes").output)) == {"unchanged"}


def settled(project: Project, done: Callable[[dict[str, Any]], bool]) -> dict[str, dict[str, Any]]:
    """The pods once there are two, both ready and `done`; else whatever there is after a minute."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        here = pods(project)
        if len(here) == 2 and all(ready(pod) and done(pod) for pod in here.values()):
            break
        time.sleep(0.5)
    return here


def test_a_worker_that_goes_takes_its_group_along_and_all_of_it_comes_back(project: Project) -> None:
    before = {pod["metadata"]["uid"] for pod in pods(project).values()}
    assert project.kubectl("delete", "pod", "large-0-1", "--wait=false").code == 0
    here = settled(project, lambda pod: pod["metadata"]["uid"] not in before)
    assert sorted(here) == ["large-0", "large-0-1"]
    assert before.isdisjoint(pod["metadata"]["uid"] for pod in here.values())
    assert all(ready(pod) for pod in here.values())


def test_a_change_of_the_pods_reaches_every_pod_of_the_group(project: Project) -> None:
    """A moment after `up`: the controller's status does not say of which change it speaks."""
    project.edit(lambda config: config["nim:endpoints"]["large"].update(env={"NIM_LOG_LEVEL": "DEBUG"}))
    done = project.stacks("up")
    assert done.code == 0, done.output
    wanted = {"name": "NIM_LOG_LEVEL", "value": "DEBUG"}
    here = settled(project, lambda pod: wanted in pod["spec"]["containers"][0]["env"])
    assert sorted(here) == ["large-0", "large-0-1"]
    assert all(wanted in pod["spec"]["containers"][0]["env"] for pod in here.values())


def test_one_more_replica_is_one_more_group_and_touches_the_first_one_not(project: Project) -> None:
    before = {name: pod["metadata"]["uid"] for name, pod in pods(project).items()}
    project.edit(lambda config: config["nim:endpoints"]["large"].update(replicas=2))
    done = project.stacks("up")
    assert done.code == 0, done.output
    assert "2 of 2 ready" in done.output
    here = pods(project)
    assert sorted(here) == ["large-0", "large-0-1", "large-1", "large-1-1"]
    assert {name: here[name]["metadata"]["uid"] for name in before} == before
    assert len({pod["spec"]["nodeName"] for pod in here.values()}) == 4


def test_destroy_leaves_neither_groups_nor_nodes(project: Project) -> None:
    done = project.pulumi("destroy", "--yes")
    assert done.code == 0, done.output
    deadline = time.monotonic() + 40
    kinds = "leaderworkersets,statefulsets,pods,services,poddisruptionbudgets,nodes"
    while (left := project.objects(kinds)) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert left == []
