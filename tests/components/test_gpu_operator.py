import pytest

from pulumi_nim import GpuOperator
from tests.recording import Recording, record

RELEASE = "kubernetes:helm.sh/v3:Release"


@pytest.fixture(scope="module")
def made() -> Recording:
    return record(lambda: GpuOperator("gpu-operator"))


def test_urns_of_the_operator_are_a_promise(made: Recording) -> None:
    assert sorted(f"{one.type} {one.name}" for one in made.resources) == [
        "kubernetes:core/v1:Namespace gpu-operator-namespace",
        "kubernetes:helm.sh/v3:Release gpu-operator",
        "nim:compute:GpuOperator gpu-operator",
    ]


def test_the_chart_is_nvidias_at_a_pinned_version(made: Recording) -> None:
    release = made.one(RELEASE).inputs
    assert (release["chart"], release["version"]) == ("gpu-operator", "v26.7.0")
    assert release["repositoryOpts"] == {"repo": "https://helm.ngc.nvidia.com/nvidia"}


def test_driver_and_toolkit_stay_the_images(made: Recording) -> None:
    values = made.one(RELEASE).inputs["values"]
    assert (values["driver"], values["toolkit"]) == ({"enabled": False}, {"enabled": False})


def test_its_daemons_run_on_tainted_gpu_nodes(made: Recording) -> None:
    (toleration,) = made.one(RELEASE).inputs["values"]["daemonsets"]["tolerations"]
    assert toleration == {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}


def test_its_namespace_lets_privileged_daemons_in(made: Recording) -> None:
    labels = made.one("kubernetes:core/v1:Namespace").inputs["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "privileged"


def test_a_release_that_fails_is_taken_back(made: Recording) -> None:
    assert made.one(RELEASE).inputs["atomic"] is True
