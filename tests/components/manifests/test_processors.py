from pulumi_nim.manifests.deployment import deployment
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
