"""Objects of other hands in the words of a stack file, and what these cannot say."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from syrupy.assertion import SnapshotAssertion

from nim_profiles.adoption import Adoption, BadObjects, adopt, read_objects
from nim_profiles.lock import Lock

ROOT = Path(__file__).parents[3]
DATA = ROOT / "tests/data/adoption"
LOCK = Lock.read(ROOT / "stacks/nim.lock.yaml")
LLAMA = "nvcr.io/nim/meta/llama-3.1-8b-instruct:2.0.6"
DIGEST = "sha256:31e360dbb15f825d69e5d68c2032e334301523b4957091270385ed7ef3db5e81"
FP8 = "c4789f7af56c770c1c88b73da666886365534d6980b6b922b41fd97036c77d73"
FILES = ("by-hand", "nim-llm-chart", "operator")


def text(name: str) -> str:
    return (DATA / f"{name}.yaml").read_text(encoding="utf-8")


def documents(name: str = "by-hand") -> dict[str, dict[str, Any]]:
    return {one["kind"]: one for one in yaml.safe_load_all(text(name))}


def of(*objects: dict[str, Any], **options: Any) -> Adoption:  # Any: the options of `adopt`
    return adopt(read_objects(yaml.safe_dump_all(objects), "file"), LOCK, **options)


def container(objects: dict[str, dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = objects["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    return found


def left(adoption: Adoption) -> dict[str, str]:
    return {one.where: one.reason for one in adoption.left}


@pytest.mark.parametrize("name", FILES)
def test_snapshot_of_what_is_written_and_what_is_left(name: str, snapshot: SnapshotAssertion) -> None:
    found = adopt(read_objects(text(name), name), LOCK)
    assert yaml.safe_dump(found.config, sort_keys=False, width=1000) == snapshot
    assert "\n".join(map(str, found.left)) == snapshot


def test_what_kubectl_prints_as_one_list_says_the_same_as_the_documents() -> None:
    items = [*documents().values()]
    as_list = {"apiVersion": "v1", "kind": "List", "items": items}
    assert of(as_list) == of(*items)


def test_json_is_read_too() -> None:
    objects = read_objects(json.dumps({"apiVersion": "v1", "kind": "List", "items": [*documents().values()]}), "-")
    assert adopt(objects, LOCK).endpoints == of(*documents().values()).endpoints


def test_defaults_that_the_api_server_writes_are_not_told() -> None:
    objects = documents()
    objects["Deployment"]["spec"]["template"]["spec"] |= {
        "restartPolicy": "Always",
        "dnsPolicy": "ClusterFirst",
        "schedulerName": "default-scheduler",
        "terminationGracePeriodSeconds": 30,
    }
    container(objects).update(imagePullPolicy="IfNotPresent", terminationMessagePath="/dev/termination-log")
    assert of(*objects.values()).left == of(*documents().values()).left


@pytest.mark.parametrize("args", [8000, True, "--seed", {"a": 1}])
def test_arguments_that_are_no_list_are_none(args: object) -> None:
    objects = documents()
    container(objects)["args"] = args
    assert "args" not in of(*objects.values()).endpoints["llama3-chat"]


def test_an_image_that_is_not_locked_is_written_as_it_is_and_told() -> None:
    objects = documents()
    container(objects)["image"] = "nvcr.io/nim/meta/llama-3.1-8b-instruct:1.8.4"
    found = of(*objects.values())
    assert found.endpoints["llama3-chat"]["image"] == "nvcr.io/nim/meta/llama-3.1-8b-instruct:1.8.4"
    assert "is not in the lock file" in left(found)["Deployment llama3-chat: image " + container(objects)["image"]]


def test_another_digest_than_the_locked_one_is_told() -> None:
    objects = documents()
    container(objects)["image"] = f"{LLAMA}@sha256:{'0' * 64}"
    found = of(*objects.values())
    assert found.endpoints["llama3-chat"]["image"] == f"{LLAMA}@{DIGEST}"
    assert f"is locked with {DIGEST}" in str(found.left)


@pytest.mark.parametrize(
    ("profile", "written", "told"),
    [
        (FP8, FP8, None),
        ("vllm-fp8-tp1-pp1-27.0", FP8, "vllm-fp8-tp1-pp1-27.0 is written as its id"),
        ("default", "default", None),
        ("vllm-fp8-tp1", "vllm-fp8-tp1", "vllm-fp8-tp1 is no profile that the lock file knows of this image"),
        (None, None, "is not set, so the container chose: `curl …/v1/metadata` says what, and that id belongs here"),
    ],
)
def test_the_profile_is_written_as_an_id_where_the_lock_file_knows_it(
    profile: str | None, written: str | None, told: str | None
) -> None:
    objects = documents()
    container(objects)["env"][0] = (
        {"name": "NIM_MODEL_PROFILE", "value": profile} if profile else {"name": "X", "value": "y"}
    )
    found = of(*objects.values())
    assert found.endpoints["llama3-chat"].get("profile") == written
    assert left(found).get("Deployment llama3-chat: NIM_MODEL_PROFILE") == told


def test_secrets_are_left_out_and_never_shown() -> None:
    objects = documents()
    container(objects)["env"] += [
        {"name": "HF_TOKEN", "value": "hf_madeupmadeupmadeup"},
        {"name": "NGC_CLI_API_KEY", "value": "nvapi-made-up"},
        {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
    ]
    found = of(*objects.values())
    assert found.endpoints["llama3-chat"]["env"] == {"NIM_LOG_LEVEL": "INFO", "TEAM": "search"}
    assert {"env.HF_TOKEN", "env.NGC_CLI_API_KEY", "env.POD"} <= {where.rpartition(": ")[2] for where in left(found)}
    assert "made" not in f"{found.config} {found.left}"


def test_a_cache_that_is_no_claim_is_told_and_a_new_claim_is_made() -> None:
    objects = documents()
    objects["Deployment"]["spec"]["template"]["spec"]["volumes"][0] = {
        "name": "model-store",
        "hostPath": {"path": "/x"},
    }
    found = of(*objects.values())
    assert "claim" not in found.endpoints["llama3-chat"]["adopt"]
    assert "cache_gib" not in found.endpoints["llama3-chat"]
    assert left(found)["Deployment llama3-chat: volume model-store"].startswith("the cache is no claim")
    assert left(found)["PersistentVolumeClaim nim-cache"].startswith("no endpoint uses it as its cache")


def test_a_folder_of_a_shared_claim_is_no_cache_to_take_over() -> None:
    objects = documents()
    container(objects)["volumeMounts"][0]["subPath"] = "llama"
    found = of(*objects.values())
    assert "claim" not in found.endpoints["llama3-chat"]["adopt"]
    assert (
        left(found)["Deployment llama3-chat: volume model-store"]
        == "only its folder llama is the cache: a new claim is made"
    )


def test_other_containers_and_volumes_are_told() -> None:
    objects = documents()
    spec = objects["Deployment"]["spec"]["template"]["spec"]
    spec["containers"].append({"name": "proxy", "image": "envoy"})
    spec["initContainers"] = [{"name": "wait", "image": "busybox"}]
    spec["volumes"].append({"name": "scratch", "emptyDir": {}})
    assert {
        "Deployment llama3-chat: container proxy",
        "Deployment llama3-chat: spec.initContainers",
        "Deployment llama3-chat: volume scratch",
    } <= left(of(*objects.values())).keys()


def test_a_statefulset_is_replaced_beside_itself_and_only_its_service_and_claim_are_taken_over() -> None:
    objects = documents()
    objects["Deployment"]["kind"] = "StatefulSet"
    found = of(*objects.values())
    assert found.endpoints["llama3-chat"]["adopt"] == {"service": "llm", "claim": "nim-cache"}
    assert left(found)["StatefulSet llama3-chat"].startswith("a Deployment cannot take over its pods")


def test_an_owner_that_would_undo_the_change_is_named() -> None:
    objects = documents()
    objects["Deployment"]["metadata"]["ownerReferences"] = [{"kind": "NIMService", "name": "llama3-chat"}]
    objects["NIMService"] = {"apiVersion": "x", "kind": "NIMService", "metadata": {"name": "llama3-chat"}, "spec": {}}
    found = of(*objects.values())
    assert [*found.endpoints] == ["llama3-chat"]
    assert "delete that with --cascade=orphan first" in left(found)["Deployment llama3-chat"]


def test_the_gpu_may_be_said_where_no_node_selector_tells_it() -> None:
    objects = documents()
    del objects["Deployment"]["spec"]["template"]["spec"]["nodeSelector"]
    with pytest.raises(BadObjects) as refused:
        of(*objects.values())
    assert str(refused.value) == (
        "Deployment llama3-chat: no node selector tells the GPU (nvidia.com/gpu.product); say it: --gpu NVIDIA-L40S"
    )
    assert of(*objects.values(), gpu="NVIDIA-L40S").pools == {"l40s": {"back_end": "existing", "gpu": "NVIDIA-L40S"}}


def test_a_pool_that_is_there_is_used() -> None:
    found = of(*documents().values(), pools={"NVIDIA-L40S": "mine"})
    assert found.endpoints["llama3-chat"]["pool"] == "mine"
    assert found.pools == {}


def test_nodes_of_one_gpu_that_differ_otherwise_are_two_pools() -> None:
    one, other = documents(), documents()
    other["Deployment"]["metadata"]["name"] = "second"
    other["Deployment"]["spec"]["template"]["spec"]["nodeSelector"]["zone"] = "b"
    found = of(*one.values(), other["Deployment"])
    assert found.pools == {
        "l40s": {"back_end": "existing", "gpu": "NVIDIA-L40S"},
        "l40s-2": {"back_end": "existing", "gpu": "NVIDIA-L40S", "node_labels": {"zone": "b"}},
    }
    assert [endpoint["pool"] for endpoint in found.endpoints.values()] == ["l40s", "l40s-2"]


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("llama-3.1-8b", "llama-3-1-8b"),
        ("3b-chat", "nim-3b-chat"),
        ("a" * 60, "a" * 40),
        (f"{'a' * 39}-b", "a" * 39),
    ],
)
def test_names_become_such_as_a_stack_file_takes(written: str, named: str) -> None:
    objects = documents()
    objects["Deployment"]["metadata"]["name"] = written
    found = of(*objects.values())
    assert [*found.endpoints] == [named]
    assert found.endpoints[named]["adopt"]["deployment"] == written


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        ("", "file: holds no object; `kubectl get deployment,service,pvc -o yaml` prints them"),
        ("a: [", "file: is not YAML: while parsing a flow node"),
        ("just: text", "file: holds something without a kind, so it is no Kubernetes object"),
        ("kind: Pod\nmetadata: {}", "file: holds a Pod without a name"),
        ("kind: Pod\nmetadata: {name: x}", "no Deployment, StatefulSet or NIMService among the objects serves a NIM"),
    ],
)
def test_what_is_no_endpoint_is_refused(content: str, refusal: str) -> None:
    with pytest.raises(BadObjects) as refused:
        adopt(read_objects(content, "file"), LOCK)
    assert str(refused.value).startswith(refusal)


def test_objects_of_two_namespaces_are_refused() -> None:
    one, other = documents(), documents()
    for two in other.values():
        two["metadata"]["namespace"] = "other"
    with pytest.raises(BadObjects, match="the objects lie in nim, other, and a stack has one namespace"):
        of(*one.values(), *other.values())


def test_a_deployment_that_serves_no_nim_is_told_as_unmanaged() -> None:
    web = {"kind": "Deployment", "metadata": {"name": "web", "namespace": "nim"}, "spec": {}}
    assert left(of(*documents().values(), web))["Deployment web"] == "serves no NIM; stays as it is, unmanaged"
