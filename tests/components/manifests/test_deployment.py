from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from pulumi_nim.manifests.deployment import deployment
from pulumi_nim.manifests.pod import roll_out_seconds
from tests.components.samples import profile, workload


def container(manifest: dict) -> dict:  # type: ignore[type-arg]  # JSON
    (only,) = manifest["spec"]["template"]["spec"]["containers"]
    return dict(only)


def test_snapshot_of_one_gpu(snapshot: SnapshotAssertion) -> None:
    assert deployment(workload()) == snapshot(extension_class=JSONSnapshotExtension)


def test_snapshot_of_eight_gpus_with_credentials(snapshot: SnapshotAssertion) -> None:
    manifest = deployment(
        workload(
            profile=profile(tensor_parallel=8),
            service_account_name="llama-account",
            pull_secret_name="ngc-pull",
            api_key_secret_name="ngc-api-key",
            env={"NIM_LOG_LEVEL": "INFO"},
            pod_annotations={"team": "a"},
        )
    )
    assert manifest == snapshot(extension_class=JSONSnapshotExtension)


def test_the_pod_starts_with_the_pinned_id() -> None:
    environment = {entry["name"]: entry["value"] for entry in container(deployment(workload()))["env"]}
    assert environment["NIM_MODEL_PROFILE"] == "c" * 64


def test_the_gpu_limit_is_tensor_times_pipeline() -> None:
    limits = container(deployment(workload(profile=profile(4, 2))))["resources"]["limits"]
    assert limits == {"nvidia.com/gpu": "8"}


def test_only_more_than_one_gpu_gets_shared_memory() -> None:
    def volumes(tensor_parallel: int) -> list[str]:
        manifest = deployment(workload(profile=profile(tensor_parallel)))
        return [volume["name"] for volume in manifest["spec"]["template"]["spec"]["volumes"]]

    assert (volumes(1), volumes(2)) == (["cache"], ["cache", "dshm"])


def test_the_full_id_is_an_annotation_and_never_a_label() -> None:
    manifest = deployment(workload())
    assert manifest["metadata"]["annotations"]["pulumi-nim/profile-id"] == "c" * 64
    every_label = {**manifest["metadata"]["labels"], **manifest["spec"]["template"]["metadata"]["labels"]}
    assert all(len(value) <= 63 for value in every_label.values())


def test_the_api_key_travels_by_name() -> None:
    entries = container(deployment(workload(api_key_secret_name="ngc-api-key")))["env"]
    assert entries[-1] == {
        "name": "NGC_API_KEY",
        "valueFrom": {"secretKeyRef": {"name": "ngc-api-key", "key": "NGC_API_KEY"}},
    }


def test_a_replica_goes_before_its_successor_comes_unless_there_is_room_for_both() -> None:
    steps = [deployment(workload(surge=surge))["spec"]["strategy"]["rollingUpdate"] for surge in (False, True)]
    assert steps == [{"maxSurge": 0, "maxUnavailable": 1}, {"maxSurge": 1, "maxUnavailable": 0}]


def test_a_roll_out_waits_for_a_node_and_a_start() -> None:
    assert roll_out_seconds(workload()) == 900 + 601


def test_the_start_up_probe_covers_the_whole_budget() -> None:
    probe = container(deployment(workload()))["startupProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] == 610


def test_a_pod_that_ends_goes_on_serving_for_a_moment() -> None:
    assert container(deployment(workload()))["lifecycle"] == {"preStop": {"sleep": {"seconds": 5}}}
