"""What tests of stack `real` do with it and look at in it."""

import json
import time
from collections.abc import Callable
from typing import Any

from nim_sandbox.images import nim, vllm
from tests.stacks.engine.conftest import Project

STACK = "real"
FP32, BF16 = (one.id for one in vllm.manifest().profiles)
NIM_FP32, NIM_BF16 = (one.id for one in nim.manifest(2).profiles if one.gpu == "cpu")
SECONDS = 120.0


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
