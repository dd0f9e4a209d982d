"""A Deployment, a Service and a claim that somebody made with kubectl are taken over as they stand."""

import json
from typing import Any

import pytest

from stacks.selected import ROOT
from tests.stacks.engine.conftest import FP8, Project
from tests.stacks.engine.test_lifecycle import changes, planned

pytestmark = pytest.mark.engine

BY_HAND = ROOT / "tests/data/adoption/by-hand.yaml"
OBJECTS = ("deployment/llama3-chat", "service/llm", "persistentvolumeclaim/nim-cache")


def live(project: Project) -> dict[str, Any]:
    listed = project.kubectl("get", *OBJECTS, "--output", "json")
    assert listed.code == 0, listed.output
    return {one["kind"]: one for one in json.loads(listed.output)["items"]}


def test_what_kubectl_made_is_taken_over_without_replacing_or_deleting_anything(deployed: Project) -> None:
    made = deployed.kubectl("apply", "--filename", str(BY_HAND))
    assert made.code == 0, made.output
    assert deployed.kubectl("rollout", "status", "deployment/llama3-chat", "--timeout=60s").code == 0
    before = live(deployed)
    (deployed.root / "live.yaml").write_text(
        deployed.kubectl("get", *OBJECTS, "--output", "yaml").output, encoding="utf-8"
    )

    deployed.pristine = False
    adopted = deployed.run("python", "-m", "stacks", "adopt", deployed.stack, "live.yaml")
    assert adopted.code == 0, adopted.output
    assert "stacks/Pulumi.local.yaml: llama3-chat written" in adopted.output
    assert "taken over: Deployment nim/llama3-chat" in adopted.output
    assert [one["metadata"]["generation"] for kind, one in live(deployed).items() if kind == "Deployment"] == [1]

    preview = deployed.stacks("preview")
    assert preview.code == 0, preview.output
    # Endpoint two changes too, in how it rolls out: the pool is full now.
    assert [line for line in planned(preview.output) if not line.endswith(" two")] == [
        "+ kubernetes:batch/v1:Job llama3-chat-download",
        "+ kubernetes:core/v1:ServiceAccount llama3-chat",
        "+ kubernetes:policy/v1:PodDisruptionBudget llama3-chat",
        "~ kubernetes:apps/v1:Deployment llama3-chat",
        "~ kubernetes:core/v1:PersistentVolumeClaim nim-cache",
        "~ kubernetes:core/v1:Service llama3-chat",
    ]

    up = deployed.stacks("up")
    assert up.code == 0, up.output
    assert changes(up.output).keys() == {"created", "updated", "unchanged"}
    after = live(deployed)
    assert {kind: one["metadata"]["uid"] for kind, one in after.items()} == {
        kind: one["metadata"]["uid"] for kind, one in before.items()
    }
    assert after["Service"]["spec"]["clusterIP"] == before["Service"]["spec"]["clusterIP"]
    assert after["PersistentVolumeClaim"]["spec"] == before["PersistentVolumeClaim"]["spec"]
    assert after["PersistentVolumeClaim"]["metadata"]["finalizers"] == ["kubernetes.io/pvc-protection"]
    (container,) = after["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert {one["name"]: one.get("value") for one in container["env"]} == {
        "NIM_MODEL_PROFILE": FP8,
        "NIM_CACHE_PATH": "/opt/nim/.cache",
        "NIM_SERVER_PORT": "8000",
        "NIM_MAX_MODEL_LEN": "32768",
        "NIM_PASSTHROUGH_ARGS": "--enable-prefix-caching",
        "NIM_LOG_LEVEL": "INFO",
        "TEAM": "search",
    }
    assert "http://llm.nim.svc:8000/v1" in up.output

    again = deployed.stacks("up")
    assert again.code == 0, again.output
    assert set(changes(again.output)) == {"unchanged"}
    nothing = deployed.run("python", "-m", "stacks", "adopt", deployed.stack)
    assert nothing.output.endswith("stack local: nothing to take over; what it takes over is in its state\n")
