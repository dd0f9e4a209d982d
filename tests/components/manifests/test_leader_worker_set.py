import json
from typing import Any

from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from pulumi_nim.manifests.disruption_budget import disruption_budget
from pulumi_nim.manifests.group import Group, Runtime
from pulumi_nim.manifests.launcher import Launcher
from pulumi_nim.manifests.leader_worker_set import leader_worker_set
from pulumi_nim.manifests.service import service
from tests.components.samples import profile, workload

RAY = Group(size=2, runtime=Runtime.RAY, efa_interfaces=32)
LAUNCHED = Group(size=2, runtime=Runtime.LAUNCHER)
LAUNCHER = Launcher(
    program=b"zip", manifest="schema_version: '2.0'\n", pre_stop={}, drain_seconds=30, grace_period_seconds=60
)


def made(group: Group, **changes: object) -> dict[str, Any]:  # Any: JSON
    return leader_worker_set(workload(profile=profile(8, 2), group=group, **changes), group)


def pod(manifest: dict[str, Any], role: str) -> dict[str, Any]:
    return dict(manifest["spec"]["leaderWorkerTemplate"][f"{role}Template"]["spec"])


def server(manifest: dict[str, Any], role: str) -> dict[str, Any]:
    (only,) = pod(manifest, role)["containers"]
    return dict(only)


def variables(manifest: dict[str, Any], role: str) -> dict[str, str]:
    return {entry["name"]: entry["value"] for entry in server(manifest, role)["env"]}


def test_snapshot_of_two_nodes_with_efa(snapshot: SnapshotAssertion) -> None:
    assert made(RAY, env={"NIM_LOG_LEVEL": "INFO"}) == snapshot(extension_class=JSONSnapshotExtension)


def test_snapshot_of_two_nodes_by_mpi(snapshot: SnapshotAssertion) -> None:
    manifest = made(Group(size=2, runtime=Runtime.MPI), api_key_secret_name="ngc-api-key")
    assert manifest == snapshot(extension_class=JSONSnapshotExtension)


def test_snapshot_of_two_nodes_with_the_launcher(snapshot: SnapshotAssertion) -> None:
    maps = ("llama-launcher", "llama-manifest")
    manifest = made(LAUNCHED, launcher=LAUNCHER, launcher_map_names=maps)
    assert manifest == snapshot(extension_class=JSONSnapshotExtension)


def test_every_pod_takes_its_share_of_the_gpus() -> None:
    manifest = made(RAY)
    assert manifest["spec"]["leaderWorkerTemplate"]["size"] == 2
    shares = [server(manifest, role)["resources"]["limits"]["nvidia.com/gpu"] for role in ("leader", "worker")]
    assert shares == ["8", "8"]


def test_a_pod_that_goes_takes_its_group_along() -> None:
    assert made(RAY)["spec"]["leaderWorkerTemplate"]["restartPolicy"] == "RecreateGroupOnPodRestart"


def test_the_endpoints_own_name_is_left_to_its_service() -> None:
    assert made(RAY)["spec"]["networkConfig"] == {"subdomainPolicy": "UniquePerReplica"}


def test_the_engine_waits_for_every_group_and_not_for_a_condition_alone() -> None:
    wishes = json.loads(made(RAY, replicas=3)["metadata"]["annotations"]["pulumi.com/waitFor"])
    assert wishes == [
        "condition=Available",
        "jsonpath={.status.readyReplicas}=3",
        "jsonpath={.status.updatedReplicas}=3",
    ]


def test_workers_of_a_2x_image_find_the_head_by_the_controllers_variable_and_wait_for_its_node_and_its_start() -> None:
    manifest = made(RAY)
    assert server(manifest, "leader")["args"] == ["nim-serve-ray", "--head", "--port", "6379"]
    assert server(manifest, "worker")["args"] == ["nim-serve-ray", "--head-address", "$(LWS_LEADER_ADDRESS):6379"]
    probe = server(manifest, "worker")["startupProbe"]
    assert (probe["exec"], probe["periodSeconds"] * probe["failureThreshold"]) == ({"command": ["ray", "status"]}, 1510)


def test_roles_differ_in_one_variable_and_json_logging_is_off_beside_ray() -> None:
    leader, worker = (variables(made(RAY), role) for role in ("leader", "worker"))
    assert {name for name in leader if leader[name] != worker[name]} == {"NIM_LEADER_ROLE"}
    assert leader["NIM_LEADER_ROLE"] == "1"
    assert leader["NIM_JSONL_LOGGING"] == "0"
    assert (leader["NIM_TENSOR_PARALLEL_SIZE"], leader["NIM_PIPELINE_PARALLEL_SIZE"]) == ("8", "2")


def test_only_the_leader_serves_and_only_it_is_probed_for_it() -> None:
    manifest = made(LAUNCHED, launcher=LAUNCHER)
    assert [port["name"] for port in server(manifest, "leader")["ports"]] == ["http"]
    assert server(manifest, "worker")["ports"] == []
    assert {"startupProbe", "livenessProbe", "readinessProbe"} <= server(manifest, "leader").keys()
    assert not any(key.endswith("Probe") for key in server(manifest, "worker"))


def test_the_service_leads_to_leaders_alone() -> None:
    selector = service("llama", "nim", 8000, leaders_only=True)["spec"]["selector"]
    assert selector["leaderworkerset.sigs.k8s.io/worker-index"] == "0"


def test_efa_is_asked_for_and_its_taints_tolerated_only_where_the_nodes_have_it() -> None:
    with_efa, without = made(RAY), made(LAUNCHED)
    limits = server(with_efa, "worker")["resources"]["limits"]
    assert limits == {"nvidia.com/gpu": "8", "vpc.amazonaws.com/efa": "32", "hugepages-2Mi": "5120Mi"}
    assert server(without, "worker")["resources"]["limits"] == {"nvidia.com/gpu": "8"}
    assert [one["key"] for one in pod(with_efa, "leader")["tolerations"]] == [
        "nvidia.com/gpu",
        "aws.amazon.com/efa",
        "vpc.amazonaws.com/efa",
    ]
    assert "FI_EFA_USE_HUGE_PAGE" not in variables(without, "leader")


def test_a_group_stays_in_one_zone_and_other_groups_may_be_there_too() -> None:
    (term,) = pod(made(RAY), "worker")["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert term["topologyKey"] == "topology.kubernetes.io/zone"
    assert term["matchLabelKeys"] == ["leaderworkerset.sigs.k8s.io/group-index"]


def test_an_exclusive_topology_is_the_controllers_own_matter() -> None:
    group = Group(size=2, runtime=Runtime.RAY, exclusive_topology="topology.k8s.aws/network-node-layer-3")
    manifest = made(group)
    annotation = manifest["metadata"]["annotations"]["leaderworkerset.sigs.k8s.io/exclusive-topology"]
    assert annotation == "topology.k8s.aws/network-node-layer-3"
    assert "affinity" not in pod(manifest, "leader")


def test_a_group_ends_before_its_successor_starts() -> None:
    steps = made(RAY)["spec"]["rolloutStrategy"]["rollingUpdateConfiguration"]
    assert steps == {"maxSurge": 0, "maxUnavailable": 1, "partition": 0}


def test_a_drain_ends_one_group_and_is_not_held_up_by_the_rest_of_it() -> None:
    spec = disruption_budget("llama", "nim", groups=True)["spec"]
    assert (spec["maxUnavailable"], spec["unhealthyPodEvictionPolicy"]) == (1, "AlwaysAllow")
    assert "unhealthyPodEvictionPolicy" not in disruption_budget("llama", "nim")["spec"]
