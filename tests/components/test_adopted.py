"""Objects that are taken over keep what cannot change, and get one owner."""

from nim_profiles.units import GIB
from pulumi_nim import ModelCache, ModelCacheArgs, NimService, NimServiceArgs
from pulumi_nim.adopted import NOTHING, Adopted
from pulumi_nim.cache_size import AccessMode
from pulumi_nim.manifests.deployment import deployment
from pulumi_nim.manifests.disruption_budget import disruption_budget
from pulumi_nim.manifests.service import service
from tests.components.samples import workload
from tests.recording import record

ADOPTED = Adopted(deployment="old", selector={"app": "old", "app.kubernetes.io/name": "nim-llm"}, service="front")
ONE_OWNER = {"pulumi.com/patchFieldManager": "pulumi-kubernetes"}


def test_a_deployment_keeps_its_name_and_its_selector() -> None:
    manifest = deployment(workload(adopted=ADOPTED))
    assert manifest["metadata"]["name"] == "old"
    assert manifest["spec"]["selector"] == {"matchLabels": ADOPTED.selector}


def test_pods_carry_both_labels_and_where_they_clash_those_of_the_selector() -> None:
    assert deployment(workload(adopted=ADOPTED))["spec"]["template"]["metadata"]["labels"] == {
        "app": "old",
        "app.kubernetes.io/name": "nim-llm",
        "app.kubernetes.io/instance": "llama",
        "app.kubernetes.io/managed-by": "pulumi",
        "app.kubernetes.io/part-of": "pulumi-nim",
    }


def test_service_and_disruption_budget_ask_for_the_pods_that_there_are() -> None:
    assert service("llama", "nim", 8000, ADOPTED)["metadata"]["name"] == "front"
    assert service("llama", "nim", 8000, ADOPTED)["spec"]["selector"] == ADOPTED.selector
    assert disruption_budget("llama", "nim", ADOPTED)["spec"]["selector"] == {"matchLabels": ADOPTED.selector}


def test_what_is_taken_over_is_applied_by_one_owner_and_what_is_made_is_not_marked() -> None:
    for manifest in (deployment(workload(adopted=ADOPTED)), service("llama", "nim", 8000, ADOPTED)):
        assert manifest["metadata"]["annotations"].items() >= ONE_OWNER.items()
    assert "annotations" not in service("llama", "nim", 8000, NOTHING)["metadata"]
    assert "annotations" not in service("llama", "nim", 8000, Adopted(claim="cache"))["metadata"]


def a_service() -> None:
    NimService("llama", NimServiceArgs(workload=workload(adopted=ADOPTED)))
    args = ModelCacheArgs(
        endpoint="llama",
        namespace="nim",
        claim_name="cache",
        size_bytes=GIB,
        access_mode=AccessMode.ONE_NODE,
        adopted=True,
    )
    ModelCache("llama", args)


def test_the_address_of_a_service_and_the_spec_of_a_claim_are_left_alone() -> None:
    found = record(a_service)
    assert found.one("kubernetes:core/v1:Service").ignore_changes == ("spec.clusterIP", "spec.clusterIPs")
    assert found.one("kubernetes:core/v1:PersistentVolumeClaim").ignore_changes == (
        "spec",
        "metadata.finalizers",
    )
    assert found.one("kubernetes:apps/v1:Deployment").ignore_changes == ()
