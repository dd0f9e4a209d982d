"""Every shape of endpoint, admitted by a real API server in a namespace that enforces Pod Security `restricted`."""

import json

import pytest
import yaml

from tests.stacks.engine.conftest import Project
from tests.stacks.engine.test_lifecycle import changes
from tests.stacks.shapes import EARLIER_CACHE, LOCK, SHAPES, stack_of

pytestmark = pytest.mark.engine

NEEDS_A_CLAIM_OF_THE_USER = ("lora-claim",)
"""A pod waits until somebody has made it. The kind of volume is that of every cache."""
BROKEN_ON_PURPOSE = ("pinned-profile", "request-logs")
"""Rules, which an up obeys: some shapes let the container choose, and some log requests."""


@pytest.fixture(scope="module")
def shapes(checkout: Project) -> Project:
    """All of them up, in one stack."""
    wanted = {name: endpoint for name, endpoint in SHAPES.items() if name not in NEEDS_A_CLAIM_OF_THE_USER}
    wanted["on-the-way"] = {**SHAPES["on-the-way"], "keep_caches": [f"on-the-way-{EARLIER_CACHE}"]}
    config = {f"nim:{key}": value for key, value in stack_of(wanted).items()}
    config["nim:cluster"] = {"sandbox": checkout.stack}
    config["nim:policy"] = {"levels": dict.fromkeys(BROKEN_ON_PURPOSE, "disabled")}
    content = yaml.safe_load(checkout.stack_file.read_text(encoding="utf-8"))
    checkout.stack_file.write_text(yaml.safe_dump({**content, "config": config}), encoding="utf-8")
    LOCK.write(checkout.root / "stacks/nim.lock.yaml")
    done = checkout.stacks("up")
    assert done.code == 0, done.output
    return checkout


def test_every_shape_runs_under_restricted(shapes: Project) -> None:
    servers = ("get", "pods", "--field-selector=status.phase!=Succeeded", "--output", "json")  # Jobs have ended
    pods = json.loads(shapes.kubectl(*servers).output)["items"]
    running = {pod["metadata"]["labels"]["app.kubernetes.io/instance"]: pod["status"]["phase"] for pod in pods}
    assert running == dict.fromkeys(SHAPES.keys() - {*NEEDS_A_CLAIM_OF_THE_USER}, "Running")
    level = "jsonpath={.metadata.labels.pod-security\\.kubernetes\\.io/enforce}"
    assert shapes.kubectl("get", "namespace", "nim", "--output", level).output == "restricted"


def test_what_is_not_restricted_would_have_been_refused_there(shapes: Project) -> None:
    refused = shapes.kubectl("run", "bad", "--image=x", "--dry-run=server")
    assert refused.code != 0
    assert 'violates PodSecurity "restricted' in refused.output


def test_a_port_moves_container_probe_and_service_together(shapes: Project) -> None:
    path = "jsonpath={.spec.template.spec.containers[0].ports[0].containerPort}"
    assert shapes.kubectl("get", "deployment/observed", "--output", path).output == "9000"
    assert shapes.kubectl("get", "service/observed", "--output", "jsonpath={.spec.ports[0].port}").output == "9000"


def test_up_again_changes_nothing(shapes: Project) -> None:
    done = shapes.stacks("up")
    assert done.code == 0, done.output
    assert set(changes(done.output)) == {"unchanged"}


def test_destroy_leaves_the_caches_alone(shapes: Project) -> None:
    done = shapes.pulumi("destroy", "--yes")
    assert done.code == 0, done.output
    left = {one.split("/")[0] for one in shapes.objects("all,pvc,pdb,secrets,configmaps")}
    assert left == {"persistentvolumeclaim", "configmap"}
    assert shapes.objects("configmaps") == ["configmap/kube-root-ca.crt"]
