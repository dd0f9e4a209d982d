"""The engine dies in the middle of an up; nothing is orphaned."""

import json
import os
import signal
import subprocess
import time

import pytest

from tests.stacks.engine.conftest import STACK, Project
from tests.stacks.engine.test_lifecycle import changes

pytestmark = pytest.mark.engine


def test_after_kill_9_cancel_and_up_converge_with_nothing_orphaned(project: Project) -> None:
    slow = {"pod_annotations": {"sandbox.nim/ready-after": "20s"}}
    project.edit(lambda config: config["nim:endpoints"]["two"].update(slow))
    assert project.run("nim-sandbox", "start", STACK).code == 0
    assert project.pulumi("stack", "init").code == 0
    words = ["nim-sandbox", "run", STACK, "--", "pulumi", "up", "--yes", "--skip-preview", "--stack", STACK]
    with subprocess.Popen(
        words,
        cwd=project.root,
        env=project.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as engine:
        deadline = time.monotonic() + 60
        while not project.objects("deployments"):
            assert time.monotonic() < deadline, "the engine made no Deployment"
            assert engine.poll() is None, "the engine ended before it could be killed"
            time.sleep(0.2)
        os.kill(engine.pid, signal.SIGKILL)
        assert engine.wait(timeout=30) == -signal.SIGKILL
    assert project.pulumi("cancel", "--yes").code == 0
    project.edit(lambda config: config["nim:endpoints"]["two"].pop("pod_annotations"))
    converged = project.stacks("up")
    assert converged.code == 0, converged.output
    assert "2 of 2 ready" in converged.output
    again = project.stacks("up")
    assert set(changes(again.output)) == {"unchanged"}
    state = json.loads(project.pulumi("stack", "export").output)["deployment"]
    assert "pending_operations" not in state
    known = {one["id"] for one in state["resources"] if one["type"].startswith("kubernetes:")}
    there = {f"nim/{one.split('/')[1]}" for one in project.objects("deployments,services,pdb,serviceaccounts,pvc")}
    assert there - {"nim/default"} <= known, "objects that the state does not know were left behind"
