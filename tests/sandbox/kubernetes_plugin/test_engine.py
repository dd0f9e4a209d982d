"""The stand-in under the real engine, on a real API server."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from nim_sandbox.kubernetes_plugin.client import Cluster, Object
from nim_sandbox.kubernetes_plugin.kinds import BY_NAME
from tests.sandbox.pulumi_project import STACK, Project

pytestmark = pytest.mark.engine

NAMESPACE = BY_NAME["v1", "Namespace"]
CONFIG_MAP = BY_NAME["v1", "ConfigMap"]
DEPLOYMENT = BY_NAME["apps/v1", "Deployment"]
KEY = "nvapi-not-a-real-key-0123456789"

WORKLOAD = """
namespace = k8s.core.v1.Namespace("space", opts=opts)
where = {"namespace": namespace.metadata["name"]}
settings = k8s.core.v1.ConfigMap("settings", metadata=where, data={"a": config.get("a") or "1"}, opts=opts)
key = k8s.core.v1.Secret("key", metadata=where, string_data={"KEY": config.get_secret("key") or "none"}, opts=opts)
labels = {"app": "chat"}
container = {"name": "nim", "image": config.get("image") or "example.com/nim:1", "resources": {"limits": LIMITS}}
fail = {"sandbox.nim/fail": config.get("fail")} if config.get("fail") else {}
chat = k8s.apps.v1.Deployment(
    "chat",
    metadata={**where, "annotations": ANNOTATIONS},
    spec={
        "replicas": 1,
        "selector": {"match_labels": labels},
        "template": {"metadata": {"labels": labels, "annotations": fail}, "spec": {"containers": [container]}},
    },
    opts=opts,
)
service = k8s.core.v1.Service("front", metadata=where, spec={"selector": labels, "ports": [{"port": 80}]}, opts=opts)
pulumi.export("namespace", namespace.metadata["name"])
pulumi.export("settings", settings.metadata["name"])
pulumi.export("chat", chat.metadata["name"])
"""


def workload(annotations: dict[str, str] | None = None, limits: dict[str, str] | None = None) -> str:
    return WORKLOAD.replace("ANNOTATIONS", repr(annotations or {})).replace("LIMITS", repr(limits or {}))


def fixed(data: str, annotations: dict[str, str] | None = None) -> str:
    """One object with a fixed name in namespace `default`."""
    metadata = {"name": "fixed", "annotations": annotations or {}}
    return f'k8s.core.v1.ConfigMap("fixed", metadata={metadata!r}, data={{"a": {data!r}}}, opts=opts)'


def found(live: Object | None) -> Object:
    assert live is not None
    return live


def test_a_stack_goes_up_stays_changes_heals_and_goes(project: Project, cluster: Cluster) -> None:
    project.write(workload(), enable_patch_force=True)
    up = project.up()
    assert "7 created" in up.output
    assert up.output.partition("Diagnostics:")[2].count("stand-in for the Kubernetes plugin") == 1
    assert "7 unchanged" in project.up().output

    before = project.outputs()
    project.pulumi("config", "set", "a", "2", "-s", STACK)
    project.pulumi("config", "set", "image", "example.com/nim:2", "-s", STACK)
    preview = json.loads(project.preview("--json").stdout)
    assert preview["changeSummary"] == {"same": 5, "replace": 1, "update": 1}
    project.up()
    after = project.outputs()
    assert after["settings"] != before["settings"]
    assert after["chat"] == before["chat"]
    assert cluster.get(CONFIG_MAP, after["namespace"], before["settings"]) is None

    live = found(cluster.get(DEPLOYMENT, after["namespace"], after["chat"]))
    edited = {**live, "metadata": {k: v for k, v in live["metadata"].items() if k != "managedFields"}}
    edited["spec"]["template"]["spec"]["containers"][0]["image"] = "example.com/nim:edited"
    cluster.apply(DEPLOYMENT, edited, "someone", force=True)
    refreshed = project.pulumi("refresh", "-s", STACK, "--yes", "--skip-preview", "--diff").output
    assert "nim:edited" in refreshed
    assert "1 updated" in project.up().output
    healed = found(cluster.get(DEPLOYMENT, after["namespace"], after["chat"]))
    assert healed["spec"]["template"]["spec"]["containers"][0]["image"] == "example.com/nim:2"

    cluster.delete(CONFIG_MAP, after["namespace"], after["settings"], "Background")
    assert "1 deleted" in project.pulumi("refresh", "-s", STACK, "--yes", "--skip-preview").output
    assert "1 created" in project.up().output

    assert "7 deleted" in project.destroy().output
    assert cluster.get(NAMESPACE, "", after["namespace"]) is None


def test_a_field_of_another_manager_is_not_taken_without_leave(project: Project, cluster: Cluster) -> None:
    project.write(fixed("ours"))
    project.up()
    theirs = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "fixed"}, "data": {"a": "theirs"}}
    cluster.apply(CONFIG_MAP, theirs, "other-operator", force=True)
    project.write(fixed("new"), enable_config_map_mutable=True)
    refused = project.up(code=1).output
    assert '.data.a: conflict with "other-operator"' in refused
    project.write(fixed("new", {"pulumi.com/patchForce": "true"}), enable_config_map_mutable=True)
    project.up()
    assert found(cluster.get(CONFIG_MAP, "default", "fixed"))["data"] == {"a": "new"}


def test_no_room_fails_with_the_schedulers_reason_and_skip_await_does_not_wait(project: Project) -> None:
    unfit = {"nvidia.com/gpu": "4"}
    project.write(workload(limits=unfit))
    output = project.up(code=1).output
    assert "Insufficient nvidia.com/gpu" in output
    assert "(for 30 s)" in output
    assert project.resources()["chat"]["initErrors"]
    project.write(workload({"pulumi.com/skipAwait": "true"}, limits=unfit).replace("service = ", "# "))
    project.up()
    assert "initErrors" not in project.resources()["chat"]


def test_a_failed_pod_is_told_kept_and_repaired_and_the_key_is_nowhere(project: Project) -> None:
    project.pulumi("config", "set", "--secret", "key", KEY, "-s", STACK)
    project.pulumi("config", "set", "fail", "no-compatible-profile", "-s", STACK)
    project.write(workload())
    events = project.folder / "events.json"
    failed = project.up("--event-log", str(events), "--debug", code=1).output
    assert "ended with exit code 1: Detected 0 compatible profile(s)." in failed
    assert project.resources()["chat"]["id"]
    project.pulumi("config", "rm", "fail", "-s", STACK)
    repaired = project.up("--event-log", str(events.with_name("repaired.json")), "--debug").output
    assert "initErrors" not in project.resources()["chat"]
    project.preview("--diff")
    assert events.stat().st_size > 0
    texts = [failed, repaired, *(p.read_text(errors="replace") for p in project.folder.rglob("*") if p.is_file())]
    encoded = "bnZhcGktbm90LWEtcmVhbC1rZXktMDEyMzQ1Njc4OQ=="
    assert not [text for text in texts if KEY in text or encoded in text]


JOB = """
k8s.batch.v1.Job(
    "fill",
    metadata={"name": "fill", "annotations": ANNOTATIONS},
    spec={
        "backoff_limit": 0,
        "template": {
            "metadata": {"annotations": {"sandbox.nim/fail": "out-of-memory"}},
            "spec": {"restart_policy": "Never", "containers": [{"name": "fill", "image": "example.com/nim:1"}]},
        },
    },
    opts=opts,
)
"""


def test_a_job_that_failed_is_made_anew_where_it_asks_for_that(project: Project, cluster: Cluster) -> None:
    def up(annotations: dict[str, str]) -> str:
        project.write(JOB.replace("ANNOTATIONS", repr(annotations)))
        assert "ended with exit code 137 (OOMKilled): Estimated VRAM" in project.up(code=1).output
        return str(found(cluster.get(BY_NAME["batch/v1", "Job"], "default", "fill"))["metadata"]["uid"])

    first = up({})
    assert up({}) == first
    renewed = up({"pulumi.com/replaceUnready": "true"})
    assert renewed != first
    assert up({"pulumi.com/replaceUnready": "true"}) != renewed


def test_after_the_engine_was_killed_an_up_converges_and_nothing_is_left_over(
    project: Project, cluster: Cluster
) -> None:
    slow = {"pulumi.com/waitFor": "jsonpath={.metadata.labels.go}=on"}
    body = fixed("1") + "\n" + fixed("2", slow).replace('"fixed"', '"slow"').replace("'fixed'", "'slow'")
    project.write(body, upsert_existing_objects=True)
    command = project.command("up", "-s", STACK, "--yes", "--skip-preview")
    with subprocess.Popen(
        command, env=project.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as engine:
        deadline = time.monotonic() + 60
        while cluster.get(CONFIG_MAP, "default", "slow") is None:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        children = _children(engine.pid)
        engine.send_signal(signal.SIGKILL)
    assert children
    while any(Path(f"/proc/{pid}").exists() for pid in children):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    project.pulumi("cancel", STACK, "--yes")
    live = found(cluster.get(CONFIG_MAP, "default", "slow"))
    labelled = {**live, "metadata": {"name": "slow", "labels": {"go": "on"}}, "data": {}}
    cluster.apply(CONFIG_MAP, labelled, "tests", force=False)
    project.up()
    assert {"fixed", "slow"} <= project.resources().keys()
    project.destroy()
    assert cluster.get(CONFIG_MAP, "default", "fixed") is cluster.get(CONFIG_MAP, "default", "slow") is None


def test_an_object_that_exists_is_refused_and_can_be_imported(project: Project, cluster: Cluster) -> None:
    there = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "there"}, "data": {"a": "1"}}
    cluster.apply(CONFIG_MAP, there, "someone", force=False)
    program = 'k8s.core.v1.ConfigMap("there", metadata={"name": "there"}, data={"a": "1"}, opts=opts)'
    project.write(program)
    assert "ConfigMap default/there already exists" in project.up(code=1).output
    imported = 'opts=pulumi.ResourceOptions(provider=provider, import_="default/there")'
    project.write(program.replace("opts=opts", imported))
    assert "1 imported" in project.up().output
    project.write(program)
    assert "3 unchanged" in project.up().output


def test_a_preview_needs_no_control_plane(project: Project) -> None:
    gone = Project(project.folder, Path("/nowhere/kubeconfig"))
    gone.write(workload())
    assert "7 to create" in gone.preview().output
    project.write(workload())
    assert "7 to create" in project.preview(NIM_PREVIEW_OFFLINE="1").output


def test_a_preview_asks_the_server_and_tells_what_it_refuses(project: Project) -> None:
    project.write('k8s.core.v1.ConfigMap("bad", metadata={"name": "Not_A_Name"}, data={}, opts=opts)')
    assert "Invalid value" in project.preview(code=1).output


def test_a_kind_outside_the_table_is_refused_by_name(project: Project) -> None:
    project.write('k8s.networking.v1.IngressClass("web", opts=opts)')
    assert "kubernetes:networking.k8s.io/v1:IngressClass is not known" in project.preview(code=1).output


def _children(pid: int) -> list[int]:
    """Ids of the processes that `pid` started."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            if int(stat.rpartition(")")[2].split()[1]) == pid:
                found.append(int(entry.name))
    return found
