"""LoRA adapters and arguments in a pod."""

from typing import Any

from pulumi_nim.manifests.adapters import Adapters, FetchAdapters
from pulumi_nim.manifests.deployment import deployment
from tests.components.samples import workload

FETCH = FetchAdapters(image="registry.example/fetch:1", command=("fetch", "all"), env={"BUCKET": "adapters"})


def pod(**changes: object) -> Any:
    return deployment(workload(**changes))["spec"]["template"]["spec"]


def test_the_server_only_reads_a_claim_of_adapters() -> None:
    spec = pod(adapters=Adapters(volume={"persistentVolumeClaim": {"claimName": "mine"}}))
    assert {"name": "adapters", "persistentVolumeClaim": {"claimName": "mine"}} in spec["volumes"]
    mount = {"name": "adapters", "mountPath": "/opt/nim/adapters", "readOnly": True}
    assert mount in spec["containers"][0]["volumeMounts"]
    assert "initContainers" not in spec


def test_an_init_container_writes_what_the_server_reads_and_is_restricted() -> None:
    (fetch,) = pod(adapters=Adapters(volume={"emptyDir": {}}, fetch=FETCH))["initContainers"]
    assert (fetch["image"], fetch["command"]) == (FETCH.image, ["fetch", "all"])
    assert {"name": "ADAPTERS", "value": "/opt/nim/adapters"} in fetch["env"]
    assert fetch["volumeMounts"] == [{"name": "adapters", "mountPath": "/opt/nim/adapters"}]
    assert fetch["securityContext"] == {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


def test_arguments_go_to_the_server_and_only_where_there_are_some() -> None:
    assert pod(args=("--max-num-seqs", "8"))["containers"][0]["args"] == ["--max-num-seqs", "8"]
    assert "args" not in pod()["containers"][0]


def test_a_profile_that_the_container_chooses_is_not_written() -> None:
    names = [variable["name"] for variable in pod(profile_value=None)["containers"][0]["env"]]
    assert "NIM_MODEL_PROFILE" not in names
