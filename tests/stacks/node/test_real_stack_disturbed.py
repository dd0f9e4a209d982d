"""Stack `real` in trouble: drained, short of memory, cut off, stopped, killed; and at last taken down."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from nim_sandbox.folder import SandboxFolder
from nim_sandbox.images.tiny_llama import MODEL
from nim_sandbox.node.running import first_process
from stacks.answering import NoAnswer, ask
from tests.sandbox.node.traces import children_called, traces
from tests.stacks.engine.conftest import Project
from tests.stacks.engine.test_lifecycle import changes
from tests.stacks.node.load import steady_load
from tests.stacks.node.real_stack import FP32, STACK, address, change, eventually, pods, restarts, up

pytestmark = [pytest.mark.node, pytest.mark.timeout(1800)]
NODE = "real-0"
OVER_THE_LIMIT = """
import os, time
open("/proc/1/oom_score_adj", "w").write("1000")  # the server goes first, and this with it
for _ in range(12):
    if os.fork() == 0:
        taken = b"x" * (300 << 20)
        time.sleep(60)
time.sleep(60)
"""
"""In portions: of the largest process the kernel thinks first."""


def kubectl(project: Project, *words: str) -> str:
    done = project.kubectl(*words)
    assert done.code == 0, done.output
    return done.output


def in_background(project: Project, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        words,
        cwd=project.root,
        env=project.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def drain(project: Project, endpoint: str) -> subprocess.Popen[str]:
    """Of the node's pods those of one endpoint; as an administrator does it."""
    words = ("drain", NODE, f"--pod-selector=app.kubernetes.io/instance={endpoint}", "--delete-emptydir-data")
    return in_background(project, "nim-sandbox", "run", STACK, "--", "kubectl", *words, "--timeout=120s")


def mirror(project: Project, setting: str) -> None:
    """`NAME=VALUE`, or `NAME-` to take it away."""
    kubectl(project, "--namespace=nim-sandbox", "set", "env", "deployment/mirror", setting)
    kubectl(project, "--namespace=nim-sandbox", "rollout", "status", "deployment/mirror")


def received(workspace: Path) -> int:
    """Bytes of files that are being downloaded."""
    return sum(path.stat().st_size for path in workspace.glob(".partial/*"))


def ready_pods(project: Project, endpoint: str) -> int:
    return sum(ready for _, ready in restarts(project, endpoint))


def processes(project: Project, part: str) -> list[int]:
    """Of the sandbox, those whose command line has `part`."""
    return [int(one.split()[0]) for one in traces(project.sandbox)["processes"] if part in one]


def answer(project: Project, endpoint: str) -> str | None:
    """Why it is not served with the profile of the stack file; None where it is."""
    pinned = yaml.safe_load(project.stack_file.read_text())["config"]["nim:endpoints"][endpoint]["profile"]
    try:
        ask(address(project, endpoint), pinned)
    except NoAnswer as error:
        return str(error)
    return None


def test_a_drain_never_waits_for_a_single_replica(running: Project) -> None:
    with drain(running, "tiny-nim") as going:
        output, _ = going.communicate()
    assert going.returncode == 0, output
    kubectl(running, "uncordon", NODE)
    eventually(lambda: ready_pods(running, "tiny-nim"), 1)


def test_a_server_that_takes_too_much_memory_is_killed_by_the_kernel_and_serves_again(running: Project) -> None:
    (pod,) = pods(running, "tiny-nim")
    ((count, _),) = restarts(running, "tiny-nim")
    ended = running.kubectl("exec", pod["metadata"]["name"], "--", "python3", "-c", OVER_THE_LIMIT)
    assert ended.code == 137, ended.output
    eventually(lambda: restarts(running, "tiny-nim"), [(count + 1, True)])
    (again,) = pods(running, "tiny-nim")
    (status,) = again["status"]["containerStatuses"]
    assert status["lastState"]["terminated"]["reason"] == "OOMKilled"


def test_too_little_memory_ends_the_up_with_the_cause_and_the_fix(running: Project) -> None:
    def tighten(config: dict[str, Any]) -> None:
        small = {**config["nim:pools"]["processors"], "processors": {"cpu": 0.3, "memory_gib": 1}}
        config["nim:pools"]["small"] = small
        config["nim:endpoints"]["tiny-vllm"]["pool"] = "small"
        # As three processes it takes more than that; as two it would just fit.
        config["nim:endpoints"]["tiny-vllm"]["env"].pop("VLLM_ENABLE_V1_MULTIPROCESSING")

    running.edit(tighten)
    code, output = up(running)
    assert code == 1
    why = "tiny-vllm, out of memory: 'exit "
    told = next(line for line in output.splitlines() if line.startswith(why))
    assert "OOMKilled" in told
    assert "raise processors.memory_gib of its pool" in told
    status = running.stacks("status")
    assert status.code == 1
    assert why in status.output


def test_a_corrected_file_brings_it_back_and_a_download_that_is_cut_goes_on_where_it_was(running: Project) -> None:
    (weights,) = running.sandbox.glob("node/nim-sandbox/volumes/*/workspaces/*/model.safetensors")
    whole = weights.stat().st_size
    weights.unlink()
    mirror(running, "MIRROR_KILOBYTES_PER_SECOND=40")
    change(running, "tiny-vllm", pool="processors")
    with in_background(running, "python", "-m", "stacks", "up", STACK) as going:
        eventually(lambda: received(weights.parent) > whole / 5, wanted=True)
        (download,) = processes(running, "nim-launcher.zip download-to-cache")
        os.kill(download, signal.SIGKILL)
        output, _ = going.communicate()
    assert going.returncode == 0, output
    assert f"tiny-vllm serves profile {FP32}" in output
    (pod,) = pods(running, "tiny-vllm")
    log = kubectl(running, "logs", pod["metadata"]["name"], "--container", "download")
    told = re.search(r"1 files downloaded \((\d+) bytes\), 3 were there", log)
    assert told is not None, log
    assert 0 < int(told[1]) < 4 * whole / 5
    mirror(running, "MIRROR_KILOBYTES_PER_SECOND-")


def test_a_sandbox_that_is_stopped_and_started_serves_as_before(running: Project) -> None:
    assert running.run("nim-sandbox", "stop", STACK, "--keep").code == 0
    started = running.run("nim-sandbox", "start", STACK, "--node")
    assert started.code == 0, started.output
    for endpoint in ("tiny-nim", "tiny-vllm"):
        eventually(lambda: answer(running, endpoint), None)  # noqa: B023 - called at once
    code, output = up(running)
    assert code == 0, output
    assert set(changes(output)) == {"unchanged"}


def test_a_drain_takes_one_of_two_replicas_at_a_time_and_fails_no_request(running: Project) -> None:
    change(running, "tiny-nim", replicas=2)
    code, output = up(running)
    assert code == 0, output
    with steady_load(address(running, "tiny-nim"), MODEL) as load, drain(running, "tiny-nim") as going:
        eventually(lambda: ready_pods(running, "tiny-nim"), 1)
        time.sleep(7)  # it asks again after five
        assert (going.poll(), ready_pods(running, "tiny-nim")) == (None, 1)
        kubectl(running, "uncordon", NODE)  # as if another node had room: the first one's successor starts
        output, _ = going.communicate()
        assert going.returncode == 0, output
        eventually(lambda: ready_pods(running, "tiny-nim"), 2)
    assert len(load.answered) > 20
    assert load.failed == []


def test_down_leaves_the_machine_as_it_was_also_when_kubelet_and_containerd_were_just_killed(
    running: Project, before: dict[str, set[str]]
) -> None:
    for program in ("kubelet", "containerd"):
        (found,) = children_called(program, first_process(SandboxFolder(running.sandbox)))
        os.kill(found, signal.SIGKILL)
    done = running.stacks("down")
    assert done.code == 0, done.output
    assert traces(running.sandbox) == before
