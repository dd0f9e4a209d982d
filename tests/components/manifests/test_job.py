"""Jobs beside an endpoint: what each runs, and when it is another one."""

import dataclasses
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from pulumi_nim.labels import selector
from pulumi_nim.manifests.download import download_task
from pulumi_nim.manifests.endpoint_check import check_task, config_map
from pulumi_nim.manifests.job import Task, content, job
from pulumi_nim.manifests.launcher import Launcher
from pulumi_nim.manifests.pod import Workload, pod_template
from pulumi_nim.manifests.profile_listing import listing_task
from tests.components.samples import profile, workload

PROGRAM = {"endpoint_check.py": "print()\n", "nim_profiles/served_profile.py": "ID_FIELDS = ()\n"}
LAUNCHER = Launcher(program=b"zip", manifest="profiles: []\n", pre_stop={}, drain_seconds=30, grace_period_seconds=46)
KEYED = workload(pull_secret_name="ngc-pull", api_key_secret_name="ngc-api-key", env={"NIM_LOG_LEVEL": "INFO"})
PLAIN_VLLM = workload(launcher=LAUNCHER, launcher_map_names=("llama-launcher", "llama-manifest"))


def check(of: Workload = KEYED, pinned: str | None = "c" * 64, *adapters: str, checked: str = "1") -> Task:
    return check_task(of, pinned, adapters, PROGRAM, checked)


def container(of: Workload, task: Task) -> dict[str, Any]:  # Any: JSON
    (only,) = job(of, task)["spec"]["template"]["spec"]["containers"]
    return dict(only)


def name(of: Workload, task: Task) -> str:
    return str(job(of, task)["metadata"]["name"])


def test_snapshot_of_a_download(snapshot: SnapshotAssertion) -> None:
    assert job(KEYED, download_task(KEYED, 600)) == snapshot(extension_class=JSONSnapshotExtension)


def test_snapshot_of_a_listing(snapshot: SnapshotAssertion) -> None:
    assert job(KEYED, listing_task(KEYED)) == snapshot(extension_class=JSONSnapshotExtension)


def test_snapshot_of_a_check_and_its_program(snapshot: SnapshotAssertion) -> None:
    manifests = [config_map("llama", "nim", PROGRAM), job(KEYED, check())]
    assert manifests == snapshot(extension_class=JSONSnapshotExtension)


@pytest.mark.parametrize("task", [download_task(KEYED, 600), listing_task(KEYED), check()])
def test_no_job_takes_a_gpu_or_more_rights_than_the_server(task: Task) -> None:
    pod = job(KEYED, task)["spec"]["template"]["spec"]
    server = pod_template(KEYED)["spec"]
    (one,) = pod["containers"]
    assert "limits" not in one["resources"]
    for part in ("securityContext", "nodeSelector", "tolerations", "automountServiceAccountToken"):
        assert pod[part] == server[part]
    assert one["securityContext"] == server["containers"][0]["securityContext"]


@pytest.mark.parametrize("task", [download_task(KEYED, 600), listing_task(KEYED), check()])
def test_no_service_leads_to_a_job(task: Task) -> None:
    labels = job(KEYED, task)["spec"]["template"]["metadata"]["labels"]
    assert not selector("llama").items() <= labels.items()
    assert labels["app.kubernetes.io/instance"] == "llama"


def test_a_download_is_by_id_and_tells_nobody_to_choose() -> None:
    one = container(KEYED, download_task(KEYED, 600))
    assert one["command"] == ["download-to-cache", "--profiles", "c" * 64]
    assert [entry["name"] for entry in one["env"]] == ["NIM_CACHE_PATH", "NIM_LOG_LEVEL", "NGC_API_KEY"]


def test_a_plain_vllm_image_downloads_by_our_launcher() -> None:
    one = container(PLAIN_VLLM, download_task(PLAIN_VLLM, 600))
    program = ["python3", "/opt/nim-launcher/nim-launcher.zip", "download-to-cache"]
    assert one["command"] == [*program, "--profiles", "c" * 64]
    assert [mount["name"] for mount in one["volumeMounts"]] == ["cache", "launcher"]


def test_a_job_ends_after_a_node_two_downloads_and_three_tries() -> None:
    spec = job(KEYED, download_task(KEYED, 600))["spec"]
    assert (spec["activeDeadlineSeconds"], spec["backoffLimit"]) == (900 + 2 * 600, 2)


def test_a_job_that_failed_is_made_anew_and_one_that_is_done_stays() -> None:
    manifest = job(KEYED, download_task(KEYED, 600))
    assert manifest["metadata"]["annotations"]["pulumi.com/replaceUnready"] == "true"
    assert "ttlSecondsAfterFinished" not in manifest["spec"]


@pytest.mark.parametrize(
    "changed",
    [
        {"image": "nvcr.io/nim/meta/llama:2.0.12"},
        {"profile": dataclasses.replace(profile(), id="d" * 64)},
        {"claim_name": "llama-cache-9876543210"},
        {"env": {"NIM_REPOSITORY_OVERRIDE": "https://mirror/"}},
    ],
)
def test_what_changes_a_download_makes_another_job(changed: dict[str, Any]) -> None:
    other = workload(**changed)
    assert name(other, download_task(other, 600)) != name(workload(), download_task(workload(), 600))


def test_what_only_the_server_takes_makes_no_other_download() -> None:
    others = [workload(replicas=9), workload(port=9000), workload(args=("--enforce-eager",))]
    assert {name(one, download_task(one, 600)) for one in others} == {name(workload(), download_task(workload(), 600))}


def test_each_roll_out_is_asked_anew_and_only_once() -> None:
    assert name(KEYED, check(checked="1")) == name(KEYED, check(checked="1"))
    assert name(KEYED, check(checked="1")) != name(KEYED, check(checked="2"))


def test_a_check_asks_the_service_for_the_pin_and_the_adapters_and_gets_no_key() -> None:
    one = container(KEYED, check(KEYED, "c" * 64, "sql", "tone"))
    asked = ["--url", "http://llama:8000", "--seconds", "300", "--profile", "c" * 64]
    script = "/opt/endpoint-check/endpoint_check.py"
    assert one["command"] == ["python3", script, *asked, "--adapter", "sql", "--adapter", "tone"]
    assert one["env"] == []
    assert "--profile" not in container(KEYED, check(KEYED, None))["command"]


def test_another_program_is_another_map() -> None:
    names = [config_map("llama", "nim", {"endpoint_check.py": text})["metadata"]["name"] for text in ("a", "b")]
    assert len(set(names)) == 2


def test_what_only_the_engine_knows_is_left_out_of_a_name() -> None:
    assert content({"a": 1, "b": object()}) == content({"b": object(), "a": 1})
    assert content({"a": 1}) != content({"a": 2})
