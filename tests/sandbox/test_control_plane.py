"""The life of the control plane itself; what it simulates is in test_simulation.py."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace

from nim_sandbox import process
from nim_sandbox.control_plane import ControlPlane, ControlPlaneFailed
from nim_sandbox.objects import client
from nim_sandbox.tools import locate, provide

pytestmark = pytest.mark.engine
PROGRAMS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok")


def processes_of(root: Path) -> list[int]:
    """Every process on this machine that names the folder on its command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes()
        except OSError:
            continue
        # A record is written by a shell that names the folder too; both count.
        if f"{root}/".encode() in command and int(path.parent.name) != os.getpid():
            found.append(int(path.parent.name))
    return found


def names(plane: ControlPlane) -> set[str]:
    """Of all namespaces."""
    with client(plane.kubeconfig) as api:
        return {item.metadata.name for item in api.list(Namespace) if item.metadata and item.metadata.name}


def make_namespace(plane: ControlPlane, name: str) -> None:
    with client(plane.kubeconfig) as api:
        api.create(Namespace(metadata=ObjectMeta(name=name)))


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[ControlPlane]:
    provide(print)
    plane = ControlPlane(tmp_path / "home" / "plane")
    yield plane
    plane.stop()
    assert processes_of(plane.folder.root) == []


def test_start_stop_start_and_nothing_is_left_in_between(plane: ControlPlane) -> None:
    assert not plane.running()
    plane.start()
    first = processes_of(plane.folder.root)
    assert len(first) == len(PROGRAMS)
    plane.start()
    assert processes_of(plane.folder.root) == first
    assert "default" in names(plane)
    plane.stop()
    assert not plane.running()
    assert processes_of(plane.folder.root) == []
    assert not plane.folder.root.exists()
    plane.start()
    assert plane.running()


def test_two_at_once_know_nothing_of_each_other(plane: ControlPlane, control_plane: ControlPlane) -> None:
    plane.start()
    make_namespace(plane, "only-here")
    assert "only-here" in names(plane)
    assert "default" in names(control_plane)
    assert "only-here" not in names(control_plane)
    plane.stop()
    assert control_plane.running()


def test_two_starts_of_one_sandbox_at_once_start_it_once(plane: ControlPlane) -> None:
    others = [threading.Thread(target=ControlPlane(plane.folder.root).start) for _ in range(2)]
    for other in others:
        other.start()
    for other in others:
        other.join()
    assert len(processes_of(plane.folder.root)) == len(PROGRAMS)


def test_what_was_kept_is_there_again_at_the_same_address(plane: ControlPlane) -> None:
    plane.start()
    before = plane.kubeconfig.read_text()
    make_namespace(plane, "kept")
    plane.stop(keep=True)
    assert processes_of(plane.folder.root) == []
    plane.start()
    assert "kept" in names(plane)
    assert plane.kubeconfig.read_text() == before


@pytest.mark.parametrize("broken", ["etcd", "kube-apiserver", "kwok"])
def test_a_failed_start_names_the_component_shows_its_log_and_leaves_no_process(
    broken: str, plane: ControlPlane, tmp_path: Path
) -> None:
    bad = tmp_path / "bad"
    bad.write_text("#!/bin/sh\necho the disk is full of bees\nexit 3\n")
    bad.chmod(0o755)
    failing = ControlPlane(plane.folder.root, {**locate(PROGRAMS), broken: bad})
    with pytest.raises(ControlPlaneFailed) as failed:
        failing.start()
    assert failed.value.component == broken
    assert str(failed.value).endswith(
        f"Last lines of {failing.folder.logs}/{broken}.log:\n  | the disk is full of bees"
    )
    assert processes_of(plane.folder.root) == []
    plane.start()
    assert plane.running()


def test_a_start_whose_starter_was_killed_is_cleaned_up_by_the_next(plane: ControlPlane) -> None:
    root = plane.folder.root
    script = (
        "import pathlib; from nim_sandbox.control_plane import ControlPlane;"
        f"ControlPlane(pathlib.Path({str(root)!r})).start()"
    )
    starter = subprocess.Popen([sys.executable, "-c", script])
    deadline = time.monotonic() + 60
    while not (plane.folder.processes / "kube-apiserver").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    starter.send_signal(signal.SIGKILL)
    starter.wait()
    orphans = set(processes_of(root))
    assert len(orphans) >= 2
    assert not plane.running()
    plane.start()
    assert orphans.isdisjoint(processes_of(root))
    assert len(processes_of(root)) == len(PROGRAMS)


def test_processes_killed_behind_its_back_are_started_again_with_their_data(plane: ControlPlane) -> None:
    plane.start()
    make_namespace(plane, "before")
    for name in PROGRAMS:
        record = process.read_record(plane.folder.processes / name)
        assert record is not None
        os.kill(record.pid, signal.SIGKILL)
    assert not plane.running()
    plane.start()
    assert "before" in names(plane)


def test_a_recorded_id_that_now_is_another_process_is_left_alone(plane: ControlPlane, tmp_path: Path) -> None:
    stranger = process.start(["/bin/sleep", "60"], record=tmp_path / "stranger", log=tmp_path / "log")
    plane.folder.processes.mkdir(parents=True)
    stat = f"{stranger.pid} (etcd) S " + " ".join(["0"] * 18) + f" {stranger.start_ticks - 1} 0"
    (plane.folder.processes / "etcd").write_text(f"{stranger.boot_id}\n{stat}\n")
    recorded = process.read_record(plane.folder.processes / "etcd")
    assert recorded is not None
    assert recorded.pid == stranger.pid
    plane.start()
    plane.stop()
    assert process.alive(stranger)
    process.stop(stranger, grace_seconds=5)


def test_a_port_taken_by_somebody_else_after_we_looked_is_no_failure(
    plane: ControlPlane, control_plane: ControlPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other sandbox's ports are written down as this one's, and looked at with closed eyes."""
    plane.folder.root.mkdir(parents=True)
    plane.folder.ports.write_text(control_plane.folder.ports.read_text())
    monkeypatch.setattr("nim_sandbox.ports.is_free", lambda _port: True)
    plane.start()
    ours, theirs = (json.loads(p.folder.ports.read_text()) for p in (plane, control_plane))
    assert set(ours.values()).isdisjoint(theirs.values())
    assert control_plane.running()
