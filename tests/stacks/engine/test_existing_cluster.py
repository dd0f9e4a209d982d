"""Stack `dev`: a cluster that exists, with a backend, a kubeconfig and nodes of the user's own."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from lightkube.codecs import from_dict
from lightkube.resources.core_v1 import Node, PersistentVolumeClaim, Pod, Secret

from nim_sandbox.control_plane import ControlPlane
from nim_sandbox.nodes import simulated_node
from nim_sandbox.objects import client
from stacks.selected import ROOT
from tests.stacks.engine.conftest import FP8, LLAMA, Project
from tests.stacks.engine.test_lifecycle import changes

pytestmark = pytest.mark.engine

STACK = "dev"


class Mine(Project):
    """A checkout whose user brings cluster, backend and passphrase."""

    def environment(self) -> dict[str, str]:
        (self.root / "backend").mkdir(exist_ok=True)
        return {
            **super().environment(),
            "PULUMI_BACKEND_URL": f"file://{self.root}/backend",
            "PULUMI_CONFIG_PASSPHRASE": "mine",
            "PULUMI_HOME": f"{self.root}/pulumi-home",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "YES": "1",
        }


@pytest.fixture
def mine(tmp_path: Path, control_plane: ControlPlane) -> Iterator[Mine]:
    for name in ("Pulumi.yaml", "__main__.py"):
        shutil.copy(ROOT / name, tmp_path)
    for folder in ("policy", "stacks"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / ".venv").symlink_to(Path(sys.prefix))
    path = tmp_path / f"stacks/Pulumi.{STACK}.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["config"]["nim:cluster"] = {"kubeconfig": str(control_plane.kubeconfig), "context": "nim-sandbox"}
    content["config"]["nim:namespace"] = "dev"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    with client(control_plane.kubeconfig) as api:
        api.apply(from_dict(simulated_node("g6e.12xlarge", "mine-0", "us-east-1a")))
        yield Mine(tmp_path)
        api.delete(Node, "mine-0")


def test_the_shipped_dev_stack_deploys_to_a_cluster_of_ones_own(mine: Mine, control_plane: ControlPlane) -> None:
    with client(control_plane.kubeconfig) as api:
        # Other tests use this cluster too: what counts is that no node is made.
        nodes = {node.metadata.name for node in api.list(Node) if node.metadata}
    missing = mine.run("python", "-m", "stacks", "up", STACK)
    assert missing.code == 2
    assert "nim:ngcApiKey: is missing, and this stack pulls from NVIDIA" in missing.output

    for words in (("stack", "init", STACK), ("config", "set", "--secret", "nim:ngcApiKey", "nvapi-x", "-s", STACK)):
        done = mine.run("pulumi", *words)
        assert done.code == 0, done.output
    up = mine.run("python", "-m", "stacks", "up", STACK)
    assert up.code == 0, up.output
    assert "nim@v0.1.0 (local: policy)" in up.output, "the engine's own preview obeys the rules"
    assert "1 of 1 ready" in up.output
    with client(control_plane.kubeconfig) as api:
        (pod,) = api.list(Pod, namespace="dev", labels={"app.kubernetes.io/name": "nim"})
        assert pod.spec is not None
        assert pod.spec.nodeName == "mine-0"
        assert pod.spec.containers[0].image == LLAMA
        assert {"name": "NIM_MODEL_PROFILE", "value": FP8} in [
            one.to_dict() for one in pod.spec.containers[0].env or []
        ]
        secrets = sorted(str(secret.metadata and secret.metadata.name) for secret in api.list(Secret, namespace="dev"))
        assert secrets == ["ngc-api-key", "ngc-pull"]
        assert "mine-0" in nodes
        assert {node.metadata.name for node in api.list(Node) if node.metadata} <= nodes

        again = mine.run("pulumi", "up", "--yes", "--skip-preview", "-s", STACK)
        assert set(changes(again.output)) == {"unchanged"}, again.output

        down = mine.run("python", "-m", "stacks", "down", STACK)
        assert down.code == 0, down.output
        assert "Kept on purpose: namespace dev with the model caches llama-8b-cache-" in down.output
        assert len(list(api.list(PersistentVolumeClaim, namespace="dev"))) == 1
        assert list(api.list(Pod, namespace="dev")) == []
