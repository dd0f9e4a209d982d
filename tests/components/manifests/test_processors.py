from pulumi_nim.manifests.deployment import deployment
from pulumi_nim.manifests.launcher import Launcher
from pulumi_nim.manifests.processors import Processors, resources
from tests.components.samples import workload

TAKEN = Processors(cpu_millis=500, memory_bytes=3 << 30)


def test_memory_is_request_and_limit_and_processors_are_a_request_alone() -> None:
    assert resources(TAKEN) == {
        "requests": {"cpu": "500m", "memory": "3221225472"},
        "limits": {"memory": "3221225472"},
    }


def test_a_replica_on_processors_asks_for_no_gpu() -> None:
    (container,) = deployment(workload(processors=TAKEN))["spec"]["template"]["spec"]["containers"]
    assert container["resources"] == resources(TAKEN)


def test_our_launcher_on_processors_writes_to_its_cache_and_to_tmp_alone() -> None:
    launcher = Launcher(program=b"zip", manifest="", pre_stop={}, drain_seconds=30, grace_period_seconds=50)
    spec = deployment(workload(processors=TAKEN, launcher=launcher))["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert [mount["mountPath"] for mount in container["volumeMounts"]] == ["/opt/nim/.cache", "/dev/shm", "/tmp"]  # noqa: S108 - in the pod
    assert {"name": "tmp", "emptyDir": {}} in spec["volumes"]


def test_processes_on_processors_share_more_memory_than_a_container_has_by_itself() -> None:
    spec = deployment(workload(processors=TAKEN))["spec"]["template"]["spec"]
    assert {"name": "dshm", "emptyDir": {"medium": "Memory", "sizeLimit": "512Mi"}} in spec["volumes"]


def test_a_nim_on_processors_keeps_its_writable_root() -> None:
    (container,) = deployment(workload(processors=TAKEN))["spec"]["template"]["spec"]["containers"]
    assert "readOnlyRootFilesystem" not in container["securityContext"]
