"""Stack `real` as a person meets it: from an empty machine to an endpoint that answers, and through changes."""

import json
import os
import re
import shlex
import signal
import subprocess
import time

import pytest

from nim_sandbox.images.tiny_llama import MODEL
from tests.stacks.engine.conftest import Project
from tests.stacks.engine.test_lifecycle import changes
from tests.stacks.node.load import steady_load
from tests.stacks.node.real_stack import (
    FP32,
    NIM_BF16,
    NIM_FP32,
    STACK,
    address,
    change,
    eventually,
    pods,
    restarts,
    up,
)

pytestmark = [pytest.mark.node, pytest.mark.timeout(1800)]
PLAIN_KEY = "not-a-key-of-anything"
"""What `nim:ngcApiKey` of the stack file decrypts to."""


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
    weights = re.findall(r"weights +│ ([0-9.]+) MiB in memory +│ ([0-9.]+) MiB in safetensors files", first_up)
    assert [round(float(predicted) - float(seen), 2) for predicted, seen in weights] == [0.07, 0.07]
    caches = re.findall(r" cache +│ at most 1.0 GiB, with 0.35 MiB to download +│ ([0-9.]+) MiB", first_up)
    assert len(caches) == 2
    assert all(0.35 <= float(seen) < 100 for seen in caches)


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
