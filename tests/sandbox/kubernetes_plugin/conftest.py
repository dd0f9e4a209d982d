"""A project for each test of the engine tier, on the control plane of the session, with one node that has no GPU."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from nim_sandbox.control_plane import ControlPlane
from nim_sandbox.kubernetes_plugin.client import Cluster
from nim_sandbox.kubernetes_plugin.kinds import BY_NAME
from nim_sandbox.kubernetes_plugin.servicer import connect
from nim_sandbox.kubernetes_plugin.settings import read_settings
from tests.sandbox.pulumi_project import Project

NODE = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {"name": "plain", "annotations": {"kwok.x-k8s.io/node": "fake"}},
}


@pytest.fixture
def cluster(control_plane: ControlPlane) -> Iterator[Cluster]:
    """With the administrator's rights, and with the node in it."""
    connected = connect(read_settings({"kubeconfig": str(control_plane.kubeconfig)}))
    connected.apply(BY_NAME["v1", "Node"], NODE, "tests", force=True)
    yield connected
    connected.close()


@pytest.fixture
def project(control_plane: ControlPlane, cluster: Cluster, tmp_path: Path) -> Iterator[Project]:
    del cluster  # only that its node is there
    made = Project.make(tmp_path / f"p{uuid.uuid4().hex[:6]}", control_plane.kubeconfig)
    yield made
    made.destroy()
