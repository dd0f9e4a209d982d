"""Stack `real` as a person meets it: from an empty machine to an endpoint that answers, through changes, to nothing."""

import json
import os
import re
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from nim_sandbox.images import nim, vllm
from nim_sandbox.images.tiny_llama import MODEL
from tests.sandbox.node.traces import traces
from tests.stacks.engine.conftest import Project, checked_out
from tests.stacks.engine.test_lifecycle import changes
from tests.stacks.node.load import steady_load

pytestmark = [pytest.mark.node, pytest.mark.timeout(1800)]
STACK = "real"
FP32, BF16 = (one.id for one in vllm.manifest().profiles)
NIM_FP32, NIM_BF16 = (one.id for one in nim.manifest(2).profiles if one.gpu == "cpu")
PLAIN_KEY = "not-a-key-of-anything"
"""What `nim:ngcApiKey` of the stack file decrypts to."""
SECONDS = 120.0


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with checked_out(tmp_path_factory, STACK) as made:
        yield made


@pytest.fixture(scope="module")
def before(project: Project) -> dict[str, set[str]]:
    return traces(project.sandbox)


@pytest.fixture(scope="module")
def first_up(project: Project, before: dict[str, set[str]]) -> str:
    """Its output."""
    assert not before["sandbox"]
    done = up(project)
    assert done[0] == 0, done[1]
    return done[1]


@pytest.fixture(scope="module")
def running(project: Project, first_up: str) -> Project:
    assert "serves profile" in first_up
    return project


def up(project: Project) -> tuple[int, str]:
    done = project.run("python", "-m", "stacks", "up", STACK, timeout=1500)
    return done.code, done.output


def address(project: Project, endpoint: str) -> str:
    return project.run("nim-sandbox", "forward", STACK, f"nim/{endpoint}").output.strip()


def pods(project: Project, endpoint: str) -> list[dict[str, Any]]:  # Any: JSON
    selector = f"app.kubernetes.io/instance={endpoint}"
    running = ("--field-selector", "status.phase=Running")  # the pods of jobs have ended
    found = project.kubectl("get", "pods", "--selector", selector, *running, "--output", "json")
    return list(json.loads(found.output)["items"])


def eventually(what: Callable[[], Any], wanted: object, seconds: float = SECONDS) -> None:  # Any: whatever is compared
    deadline = time.monotonic() + seconds
    while (found := what()) != wanted:
        assert time.monotonic() < deadline, found
        time.sleep(0.5)


def restarts(project: Project, endpoint: str) -> list[tuple[int, bool]]:
    """Of each pod: how often its server was restarted, and whether it is ready."""
    statuses = [pod["status"].get("containerStatuses", [{}])[0] for pod in pods(project, endpoint)]
    return [(status.get("restartCount", 0), status.get("ready", False)) for status in statuses]


def change(project: Project, endpoint: str, **keys: object) -> None:
    project.edit(lambda config: config["nim:endpoints"][endpoint].update(keys))


def test_up_ends_with_answers_from_the_pinned_profiles(first_up: str) -> None:
    assert f"tiny-vllm serves profile {FP32}" in first_up
    assert f"tiny-nim serves profile {NIM_FP32}" in first_up
    assert first_up.count("/v1/chat/completions") == 2


def test_the_curl_that_it_prints_answers(first_up: str) -> None:
    for line in re.findall(r"^\$ (curl .*)$", first_up, re.MULTILINE):
        done = subprocess.run(shlex.split(line), capture_output=True, text=True, check=True, timeout=60)
        assert json.loads(done.stdout)["choices"][0]["message"]["content"]


def test_what_was_predicted_is_what_was_seen(first_up: str) -> None:
    cache = re.search(r"KV cache +│ ([0-9,]+) tokens +│ ([0-9,]+) tokens", first_up)
    lengths = re.findall(r"longest context +│ ([0-9,]+) tokens +│ ([0-9,]+) tokens", first_up)
    assert cache is not None
    assert cache[1] == cache[2]
    assert lengths == [("512", "512"), ("256", "256")]


def test_up_again_changes_nothing(running: Project) -> None:
    code, output = up(running)
    assert code == 0, output
    assert set(changes(output)) == {"unchanged"}


def test_the_key_is_in_no_pod_no_log_and_no_file_of_the_sandbox_but_the_api_servers_own(running: Project) -> None:
    told = running.kubectl("get", "pods,deployments,configmaps,events", "--output", "yaml").output
    told += "".join(running.kubectl("logs", pod["metadata"]["name"]).output for pod in pods(running, "tiny-nim"))
    assert "tiny-nim" in told
    assert PLAIN_KEY not in told
    with_key = subprocess.run(
        ["grep", "-rlF", PLAIN_KEY, str(running.sandbox / "logs"), str(running.sandbox / "pulumi-state")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert with_key.stdout == ""


def test_a_killed_server_comes_back_in_the_same_pod(running: Project) -> None:
    (before,) = restarts(running, "tiny-nim")
    (pod,) = pods(running, "tiny-nim")
    running.kubectl("exec", pod["metadata"]["name"], "--", "python3", "-c", "import os; os.kill(1, 15)")
    eventually(lambda: restarts(running, "tiny-nim"), [(before[0] + 1, True)])


def test_a_wrong_id_is_refused_before_anything_changes(running: Project) -> None:
    wrong = FP32[:-1] + ("0" if FP32[-1] != "0" else "1")
    change(running, "tiny-vllm", profile=wrong)
    code, output = up(running)
    change(running, "tiny-vllm", profile=FP32)
    assert code == 2
    assert f"nim:endpoints.tiny-vllm.profile: found {wrong}" in output
    assert FP32 in output


def test_another_profile_with_a_surge_fails_no_request(running: Project) -> None:
    change(running, "tiny-nim", profile=NIM_BF16, rollout="surge")
    with steady_load(address(running, "tiny-nim"), MODEL) as load:
        time.sleep(2)
        code, output = up(running)
        time.sleep(2)
    assert code == 0, output
    assert f"tiny-nim serves profile {NIM_BF16}" in output
    assert len(load.answered) > 20
    assert load.failed == []


def test_another_profile_with_a_drain_is_down_no_longer_than_announced(running: Project) -> None:
    change(running, "tiny-nim", profile=NIM_FP32, rollout="drain")
    announced = re.search(r"tiny-nim.*down for (\d+) s", running.stacks("preview").output)
    assert announced is not None
    with steady_load(address(running, "tiny-nim"), MODEL) as load:
        time.sleep(2)
        code, output = up(running)
        time.sleep(2)
    assert code == 0, output
    assert load.failed
    assert 0 < load.longest_gap_seconds <= int(announced[1])


def test_make_that_is_killed_in_the_middle_is_finished_by_the_next_one(running: Project) -> None:
    change(running, "tiny-nim", profile=NIM_BF16)
    killed = subprocess.Popen(
        ["python", "-m", "stacks", "up", STACK],
        cwd=running.root,
        env=running.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    time.sleep(8)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    running.pulumi("cancel", "--yes")
    code, output = up(running)
    assert code == 0, output
    assert f"tiny-nim serves profile {NIM_BF16}" in output


def test_down_leaves_the_machine_as_it_was(running: Project, before: dict[str, set[str]]) -> None:
    done = running.stacks("down")
    assert done.code == 0, done.output
    assert traces(running.sandbox) == before
