"""A real kubelet and real containers: one sandbox, one pod of Python alone, in the order of a node's life."""

import os
import signal
import socket
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from lightkube import Client
from lightkube.codecs import from_dict
from lightkube.resources.core_v1 import Node, PersistentVolume, PersistentVolumeClaim, Pod

from nim_sandbox.cache import Cache
from nim_sandbox.control_plane import ControlPlane
from nim_sandbox.extras import EXTRAS
from nim_sandbox.folder import SandboxFolder
from nim_sandbox.images import base
from nim_sandbox.images.layout import ImageConfig, write_layout
from nim_sandbox.node import forward
from nim_sandbox.node.images import command_from_outside, load
from nim_sandbox.node.settings import ADDRESS, KUBELET_PORT, PAUSE_IMAGE
from nim_sandbox.objects import client
from nim_sandbox.tools import provide
from nim_sandbox.versions import version_table
from tests.sandbox.node.traces import children_called, traces

pytestmark = [pytest.mark.node, pytest.mark.timeout(900)]
OBJECTS = Path(__file__).with_name("pod.yaml")
SECONDS = 60.0
NOT_CACHED = "sandbox.local/not-cached:1"
OWN_IMAGES = {base.REFERENCE, PAUSE_IMAGE, NOT_CACHED}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("node") / "real"


@pytest.fixture(scope="module")
def before(root: Path) -> dict[str, set[str]]:
    return traces(root)


@pytest.fixture(scope="module")
def plane(root: Path, before: dict[str, set[str]]) -> Iterator[ControlPlane]:
    assert not before["sandbox"]
    provide(print, version_table().needed_by(None, "node"))
    EXTRAS["node"].provide(print)
    made = ControlPlane(root, extras=("node",))
    made.start()
    try:
        write_layout(layout := root.with_name("not-cached"), NOT_CACHED, [], ImageConfig(("/none",)))
        for one in (base.recipe().layout(Cache.of(), print), layout):
            load(one, command_from_outside(made.folder), print)
        with client(made.kubeconfig) as api:
            for document in yaml.safe_load_all(OBJECTS.read_text()):
                api.create(from_dict(document))
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def api(plane: ControlPlane) -> Iterator[Client]:
    with client(plane.kubeconfig) as made:
        yield made


def eventually(what: Callable[[], Any], wanted: object, seconds: float = SECONDS) -> None:  # Any: whatever is compared
    deadline = time.monotonic() + seconds
    while (found := what()) != wanted:
        assert time.monotonic() < deadline, found
        time.sleep(0.2)


def condition(api: Client, kind: type[Pod] | type[Node], name: str) -> str | None:
    """Status of `Ready`."""
    found = api.get(kind, name, **({"namespace": "web"} if kind is Pod else {}))
    conditions = (found.status.conditions if found.status else None) or []
    return next((one.status for one in conditions if one.type == "Ready"), None)


def first_process(plane: ControlPlane) -> int:
    return int(plane.folder.first_process.read_text())


def answer(folder: SandboxFolder) -> str:
    port = forward.start(folder, "web", "web")
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as got:
            return str(got.status)
    except OSError as error:
        return str(error)


def test_a_restricted_pod_becomes_ready_on_it(api: Client) -> None:
    eventually(lambda: condition(api, Node, "real-0"), "True")
    eventually(lambda: condition(api, Pod, "web"), "True")


def test_its_claim_is_a_folder_that_the_pods_group_may_write(plane: ControlPlane, api: Client) -> None:
    claim = api.get(PersistentVolumeClaim, "cache", namespace="web")
    assert claim.spec is not None
    volume = plane.folder.node / "nim-sandbox/volumes" / str(claim.spec.volumeName)
    assert ((volume / "written").stat().st_uid, volume.stat().st_gid) == (1000, 1000)


def test_logs_come_through_the_api_server(api: Client) -> None:
    assert "the service is known as 10.88." in "\n".join(api.log("web", namespace="web"))


def test_this_machine_is_let_through_to_the_service(plane: ControlPlane) -> None:
    eventually(lambda: answer(plane.folder), "200")


def test_nobody_is_let_in_without_a_certificate(plane: ControlPlane) -> None:
    """Not by the kubelet either, for those who may use its door."""
    tls = ssl.create_default_context(cafile=str(plane.folder.certificates / "ca.crt"))
    with socket.socket(socket.AF_UNIX) as door:
        door.settimeout(10)
        door.connect(str(plane.folder.door))
        door.sendall(f"CONNECT {ADDRESS}:{KUBELET_PORT} HTTP/1.1\r\n\r\n".encode())
        assert door.recv(1000).startswith(b"HTTP/1.1 200")
        with tls.wrap_socket(door, server_hostname=ADDRESS) as kubelet:
            kubelet.sendall(b"GET /pods HTTP/1.0\r\n\r\n")
            assert kubelet.recv(1000).startswith(b"HTTP/1.0 401")


@pytest.mark.parametrize("program", ["kubelet", "containerd"])
def test_a_killed_program_comes_back_and_the_pod_has_run_on(program: str, plane: ControlPlane, api: Client) -> None:
    started = api.get(Pod, "web", namespace="web").status
    assert started is not None
    (process,) = children_called(program, first_process(plane))
    os.kill(process, signal.SIGKILL)
    eventually(lambda: children_called(program, first_process(plane)) in ([], [process]), wanted=False)
    eventually(lambda: condition(api, Pod, "web"), "True")
    eventually(lambda: answer(plane.folder), "200")
    after = api.get(Pod, "web", namespace="web").status
    assert after is not None
    assert [one.restartCount for one in after.containerStatuses or ()] == [0]


def images(plane: ControlPlane) -> set[str]:
    """Empty while containerd is not there."""
    command = [*command_from_outside(plane.folder), "images", "list", "-q"]
    return set(subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines())


def test_a_sandbox_that_is_stopped_and_started_has_its_node_and_pod_again(plane: ControlPlane, api: Client) -> None:
    """And of its images those that the cache still has."""
    eventually(lambda: images(plane) & OWN_IMAGES, OWN_IMAGES)
    plane.stop(keep=True)
    plane.start()
    eventually(lambda: images(plane) & OWN_IMAGES, OWN_IMAGES - {NOT_CACHED})
    eventually(lambda: condition(api, Node, "real-0"), "True")
    eventually(lambda: condition(api, Pod, "web"), "True")
    eventually(lambda: answer(plane.folder), "200")


def test_a_claim_that_goes_takes_its_folder_along(plane: ControlPlane, api: Client) -> None:
    api.delete(Pod, "web", namespace="web", grace_period=0)
    api.delete(PersistentVolumeClaim, "cache", namespace="web")
    eventually(lambda: list(api.list(PersistentVolume)), [])
    eventually(lambda: list((plane.folder.node / "nim-sandbox/volumes").iterdir()), [])


def test_a_node_that_is_killed_whole_leaves_no_process_of_its_own(plane: ControlPlane, root: Path) -> None:
    os.kill(first_process(plane), signal.SIGKILL)
    programs = ("/kubelet --", "/containerd --", "containerd-shim", "node.agent")
    eventually(lambda: [one for one in traces(root)["processes"] if any(name in one for name in programs)], [])


def test_after_the_stop_the_machine_is_as_before(plane: ControlPlane, root: Path, before: dict[str, set[str]]) -> None:
    plane.stop()
    assert traces(root) == before
