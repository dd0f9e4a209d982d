"""Up, up again, change, drift, failure, destroy: the real engine on a real API server."""

import json
import re

import pytest

from tests.stacks.engine.conftest import BF16, FP8_LORA, Project

pytestmark = pytest.mark.engine


def changes(output: str) -> dict[str, int]:
    """The engine's own closing count: {'created': 1, 'unchanged': 9}."""
    summary = output.rsplit("Resources:", 1)[-1]
    counts = re.findall(r"(\d+) (created|updated|replaced|deleted|unchanged)", summary)
    return {what: int(count) for count, what in counts}


def planned(output: str) -> list[str]:
    """Lines of the preview that change something, as `+- type name`; components and the stack left out."""
    found = re.findall(r"^ ([-+~]{1,2}) +(kubernetes:\S+) (\S+) (?:create|update|replace|delete)", output, re.MULTILINE)
    return sorted({f"{mark} {kind} {name}" for mark, kind, name in found})


REPLACED_DOWNLOAD = [f"{step} kubernetes:batch/v1:Job two-download" for step in ("++", "+-", "--")]


def test_a_preview_works_before_there_is_any_control_plane(project: Project) -> None:
    done = project.stacks("preview")
    assert done.code == 0, done.output
    assert re.search(r"\+ \d+ to create", done.output), done.output
    assert not (project.sandbox / "kubeconfig").exists()


def test_up_ends_with_a_table_of_ready_endpoints(deployed: Project) -> None:
    table = deployed.stacks("status")
    assert table.code == 0
    for text in ("one", "two", "vllm-fp8-tp1-pp1-27.0", "c4789f7af56c", "2 of 2 ready", "http://two.nim.svc:8000/v1"):
        assert text in table.output


def test_pods_run_on_nodes_with_the_gpu_of_their_pool(deployed: Project) -> None:
    servers = ("--selector", "app.kubernetes.io/name=nim")
    pods = json.loads(deployed.kubectl("get", "pods", *servers, "--output", "json").output)["items"]
    nodes = {
        node["metadata"]["name"]: node["metadata"]["labels"]["nvidia.com/gpu.product"]
        for node in json.loads(deployed.kubectl("get", "nodes", "--output", "json").output)["items"]
    }
    assert [pod["status"]["phase"] for pod in pods] == ["Running"] * 3
    assert {nodes[pod["spec"]["nodeName"]] for pod in pods} == {"NVIDIA-L40S"}


def test_the_namespace_enforces_restricted_pods(deployed: Project) -> None:
    privileged = ("run", "bad", "--image=x", "--privileged", "--dry-run=server")
    refused = deployed.kubectl(*privileged)
    assert refused.code != 0
    assert 'violates PodSecurity "restricted' in refused.output


def test_up_again_changes_nothing(deployed: Project) -> None:
    done = deployed.stacks("up")
    assert done.code == 0
    assert set(changes(done.output)) == {"unchanged"}


def test_bare_pulumi_does_the_same(deployed: Project) -> None:
    done = deployed.pulumi("up", "--yes", "--skip-preview")
    assert done.code == 0, done.output
    assert set(changes(done.output)) == {"unchanged"}


def test_a_sibling_profile_with_the_same_weights_keeps_the_cache(deployed: Project) -> None:
    with_adapters = {"profile": FP8_LORA, "env": {"NIM_PEFT_SOURCE": "/opt/nim/.cache/adapters"}}
    deployed.edit(lambda config: config["nim:endpoints"]["two"].update(with_adapters))
    done = deployed.stacks("preview")
    assert done.code == 0, done.output
    assert planned(done.output) == [*REPLACED_DOWNLOAD, "~ kubernetes:apps/v1:Deployment two"]


def test_another_profile_on_other_weights_changes_the_cache_and_the_pods(deployed: Project) -> None:
    deployed.edit(lambda config: config["nim:endpoints"]["two"].update(profile=BF16))
    done = deployed.stacks("preview")
    assert done.code == 0, done.output
    (before,) = [claim.partition("/")[2] for claim in deployed.objects("pvc") if "/two-" in claim]
    lines = planned(done.output)
    made, gone = [line for line in lines if "PersistentVolumeClaim" in line]
    assert made.startswith("+ kubernetes:core/v1:PersistentVolumeClaim two-cache-")
    assert gone == f"- kubernetes:core/v1:PersistentVolumeClaim {before}"
    assert [line for line in lines if line not in (made, gone)] == [
        *REPLACED_DOWNLOAD,
        "~ kubernetes:apps/v1:Deployment two",
    ]


def test_drift_is_seen_by_refresh_and_mended_by_up(deployed: Project) -> None:
    assert deployed.kubectl("scale", "deployment/one", "--replicas=1").code == 0
    seen = deployed.pulumi("refresh", "--yes")
    assert seen.code == 0, seen.output
    assert changes(seen.output).get("updated") == 1, seen.output
    mended = deployed.stacks("up")
    assert mended.code == 0, mended.output
    assert changes(mended.output)["updated"] == 1
    assert "2 of 2 ready" in mended.output


def test_one_failing_endpoint_leaves_the_others_and_a_truthful_state(deployed: Project) -> None:
    fail = {"pod_annotations": {"sandbox.nim/fail": "out-of-memory"}, "rollout": "drain"}
    deployed.edit(lambda config: config["nim:endpoints"]["two"].update(fail))
    failed = deployed.stacks("up")
    assert failed.code == 1
    assert "exit 137" in failed.output or "137" in failed.output
    table = failed.output.rsplit("Endpoints of stack", 1)[-1]
    assert "2 of 2 ready" in table
    assert "0 of 1 ready" in table
    deployed.edit(lambda config: [config["nim:endpoints"]["two"].pop(key) for key in fail])
    repaired = deployed.stacks("up")
    assert repaired.code == 0, repaired.output
    assert "1 of 1 ready" in repaired.output


def test_a_replica_that_finds_no_node_fails_the_up_with_the_schedulers_reason(deployed: Project) -> None:
    assert deployed.kubectl("cordon", "l40s-0").code == 0
    deployed.edit(lambda config: config["nim:endpoints"]["two"].update(replicas=2))
    failed = deployed.stacks("up")
    assert deployed.kubectl("uncordon", "l40s-0").code == 0
    assert failed.code == 1
    assert "node(s) were unschedulable" in failed.output
    assert "1 of 2 ready" in failed.output


def test_destroy_leaves_only_what_is_kept_and_names_it(deployed: Project) -> None:
    claims = deployed.objects("pvc")
    done = deployed.pulumi("destroy", "--yes")
    assert done.code == 0, done.output
    left = deployed.objects("all,pvc,pdb,secrets,serviceaccounts,configmaps")
    assert left == sorted([*claims, "configmap/kube-root-ca.crt", "serviceaccount/default"])
    assert deployed.objects("nodes") == []


def test_what_was_kept_is_found_again(deployed: Project) -> None:
    before = deployed.objects("pvc")
    assert deployed.pulumi("destroy", "--yes").code == 0
    again = deployed.stacks("up")
    assert again.code == 0, again.output
    assert deployed.objects("pvc") == before


def test_down_names_what_is_kept_and_leaves_no_file(deployed: Project) -> None:
    done = deployed.stacks("down")
    assert done.code == 0, done.output
    assert re.search(
        r"Kept on purpose: namespace nim with the model caches one-cache-\w{10}, two-cache-\w{10}", done.output
    )
    assert not deployed.sandbox.exists()
