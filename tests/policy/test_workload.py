from typing import Any

import pytest

from nim_policy.workload import pods_of, servers
from tests.policy.samples import claimed, container, group, planned, server

TEMPLATE = {"spec": {"containers": [{"name": "a"}]}}


def workload(kind: str, spec: dict[str, Any], namespace: str = "nim") -> Any:
    metadata = {"name": "a", "namespace": namespace}
    return planned({"apiVersion": "batch/v1", "kind": kind, "metadata": metadata, "spec": spec}, "a")


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("Deployment", {"template": TEMPLATE}),
        ("Job", {"template": TEMPLATE}),
        ("CronJob", {"jobTemplate": {"spec": {"template": TEMPLATE}}}),
        ("Pod", TEMPLATE["spec"]),
    ],
)
def test_pods_are_found_in_whatever_makes_them(kind: str, spec: dict[str, Any]) -> None:
    (pods,) = pods_of(workload(kind, spec))
    assert [one["name"] for one in pods.containers] == ["a"]


def test_a_group_is_a_leader_and_its_workers() -> None:
    assert [pods.count for pods in pods_of(group(size=4))] == [1, 3]


def test_without_a_template_of_its_own_the_leader_is_made_as_a_worker_is() -> None:
    alike = group(size=4)
    del alike.props["spec"]["leaderWorkerTemplate"]["leaderTemplate"]
    assert [pods.count for pods in pods_of(alike)] == [4]


def test_what_makes_no_pods_and_what_is_the_clusters_own_has_none() -> None:
    assert pods_of(claimed()) == ()
    assert pods_of(workload("DaemonSet", {"template": TEMPLATE}, namespace="kube-system")) == ()


def test_a_server_is_what_holds_gpus_and_stays() -> None:
    (one,) = servers([server(8), workload("Deployment", {"template": TEMPLATE}), claimed()])
    assert (one.endpoint, one.replicas, one.pod_count, one.pods[0].gpu_count) == ("llama", 2, 2, 8)
    (several,) = servers([group(size=2)])
    assert (several.replicas, several.pod_count) == (1, 2)


def test_a_server_on_nodes_without_gpus_is_known_by_its_name_and_all_its_containers_serve() -> None:
    without = server()
    del container(without)["resources"]
    (one,) = servers([without])
    assert (one.endpoint, one.pods[0].gpu_count, [found["name"] for found in one.pods[0].serving]) == (
        "llama",
        0,
        ["nim"],
    )
