"""An endpoint's life through other weights and back: caches are filled, kept for a way back, and dropped."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.stacks.engine.conftest import BF16, FP8, LLAMA, STACK, Project, checked_out
from tests.stacks.engine.test_lifecycle import changes

pytestmark = pytest.mark.engine
CONTENT: dict[str, Any] = {
    "nim:cluster": {"sandbox": STACK},
    "nim:needs_ngc_key": False,
    "nim:caches": {"protect": False},
    "nim:pools": {"l40s": {"back_end": "simulated", "instance_type": "g6e.12xlarge"}},
    "nim:endpoints": {"one": {"image": LLAMA, "profile": FP8, "pool": "l40s", "replicas": 2}},
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Up once; the tests are steps of one life, in their order."""
    with checked_out(tmp_path_factory, STACK) as project:
        salt = "v1:Co71Z1prQWo=:v1:x/OMHhP/Xx5y+c4k:PmWP7LEGuL+mttPnrN/2GjlZRdSm7w=="
        project.stack_file.write_text(yaml.safe_dump({"encryptionsalt": salt, "config": CONTENT}), encoding="utf-8")
        up(project)
        yield project


def up(project: Project, **endpoint: Any) -> str:  # Any: whatever the stack file may hold
    """The output; None takes a key away."""

    def change(config: dict[str, Any]) -> None:
        changed = {**config["nim:endpoints"]["one"], **endpoint}
        config["nim:endpoints"]["one"] = {key: value for key, value in changed.items() if value is not None}

    project.edit(change)
    done = project.stacks("up")
    assert done.code == 0, done.output
    return done.output


def listed(project: Project, kind: str) -> dict[str, dict[str, Any]]:
    """Objects by name."""
    items = json.loads(project.kubectl("get", kind, "--output", "json").output)["items"]
    return {item["metadata"]["name"]: item for item in items}


def uids(project: Project, kind: str) -> dict[str, str]:
    return {name: item["metadata"]["uid"] for name, item in listed(project, kind).items()}


def mounted(project: Project) -> str:
    """The claim of the pods that serve."""
    volumes = listed(project, "deployments")["one"]["spec"]["template"]["spec"]["volumes"]
    return str(volumes[0]["persistentVolumeClaim"]["claimName"])


@pytest.fixture(scope="module")
def first(project: Project) -> dict[str, str]:
    """The one claim of the beginning, with its uid."""
    return uids(project, "pvc")


def test_the_cache_was_filled_by_a_job_that_mounts_the_claim_of_the_pods(
    project: Project, first: dict[str, str]
) -> None:
    (job,) = listed(project, "jobs").values()
    assert job["status"]["succeeded"] == 1
    spec = job["spec"]["template"]["spec"]
    assert spec["volumes"] == [{"name": "cache", "persistentVolumeClaim": {"claimName": mounted(project)}}]
    assert spec["containers"][0]["command"] == ["download-to-cache", "--profiles", FP8]
    assert [*first] == [mounted(project)]


def test_a_finished_job_is_neither_changed_nor_made_again_after_a_refresh(project: Project) -> None:
    before = uids(project, "jobs")
    seen = project.pulumi("refresh", "--yes")
    assert seen.code == 0, seen.output
    assert set(changes(seen.output)) == {"unchanged"}, seen.output
    assert set(changes(up(project))) == {"unchanged"}
    assert uids(project, "jobs") == before


def test_other_weights_get_a_cache_of_their_own_that_is_full_before_the_pods_roll(
    project: Project, first: dict[str, str]
) -> None:
    (before,) = first
    output = up(project, profile=BF16, keep_caches=[before])
    filled = output.index("batch/v1:Job one-download created")
    rolled = output.index("apps/v1:Deployment one updated")
    assert filled < rolled
    assert mounted(project) not in first
    assert {*uids(project, "pvc")} == {before, mounted(project)}
    assert uids(project, "pvc")[before] == first[before]


def test_the_way_back_finds_the_cache_that_was_kept(project: Project, first: dict[str, str]) -> None:
    (before,), after = first, mounted(project)
    output = up(project, profile=FP8, keep_caches=[after])
    assert "PersistentVolumeClaim" not in "".join(
        line for line in output.splitlines() if "created" in line or "deleted" in line
    )
    assert mounted(project) == before
    assert uids(project, "pvc")[before] == first[before]
    assert after in uids(project, "pvc")


def test_a_cache_that_is_no_longer_named_goes(project: Project, first: dict[str, str]) -> None:
    output = up(project, keep_caches=None)
    assert uids(project, "pvc") == first
    assert changes(output)["deleted"] == 1


def test_a_surge_that_fails_leaves_the_old_replicas_serving(project: Project) -> None:
    project.edit(
        lambda config: config["nim:endpoints"]["one"].update(pod_annotations={"sandbox.nim/fail": "out-of-memory"})
    )
    failed = project.stacks("up")
    assert failed.code == 1
    assert "Estimated VRAM (45.2 GB) exceeds available GPU memory (39.6 GB)" in failed.output
    assert listed(project, "deployments")["one"]["status"]["readyReplicas"] == 2
    up(project, pod_annotations=None)


def test_an_image_lists_its_profiles_where_that_is_asked_for(project: Project) -> None:
    up(project, list_profiles=True)
    purposes = {job["metadata"]["labels"]["app.kubernetes.io/name"] for job in listed(project, "jobs").values()}
    assert purposes == {"nim-download", "nim-profiles"}


def test_destroy_leaves_no_job_and_keeps_the_cache_in_use(project: Project, first: dict[str, str]) -> None:
    done = project.pulumi("destroy", "--yes")
    assert done.code == 0, done.output
    assert project.objects("jobs,pods,configmaps") == ["configmap/kube-root-ca.crt"]
    assert uids(project, "pvc") == first
