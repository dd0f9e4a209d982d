import fcntl
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nim_sandbox import process
from nim_sandbox.folder import SandboxFolder
from nim_sandbox.node import forward
from nim_sandbox.node.component import clean
from nim_sandbox.node.running import NoNode, first_process


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[SandboxFolder]:
    """Of a sandbox whose node is a process that does nothing, and whose API server nobody knows."""
    made = SandboxFolder(tmp_path / "mine")
    for needed in (made.processes, made.node, made.logs):
        needed.mkdir(parents=True)
    node = process.start(["sleep", "60"], record=made.processes / "node", log=made.logs / "node.log")
    made.first_process.write_text(str(os.getpid()))
    yield made
    process.stop(node, grace_seconds=5)


def test_a_forward_that_ends_at_once_is_reported_with_its_log_and_leaves_no_process(folder: SandboxFolder) -> None:
    with pytest.raises(
        forward.ForwardFailed, match=r"nothing listens for nim/llama at port \d+: see .*/logs/forward-nim"
    ):
        forward.start(folder, "nim", "llama")
    assert "mine/kubeconfig not found" in (folder.logs / "forward-nim.llama.log").read_text()
    record = process.read_record(folder.forwards / "nim.llama.process")
    assert record is not None
    assert not process.alive(record)


def test_a_sandbox_that_is_stopped_while_somebody_waits_for_it_has_no_forward(folder: SandboxFolder) -> None:
    folder.forwards.mkdir()
    with (folder.forwards / "lock").open("w") as lock, ThreadPoolExecutor() as others:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waiting = others.submit(forward.start, folder, "nim", "llama")
        with pytest.raises(TimeoutError):
            waiting.result(0.5)
        folder.first_process.unlink()
        fcntl.flock(lock, fcntl.LOCK_UN)
        with pytest.raises(NoNode):
            waiting.result(20)
    assert not list(folder.forwards.glob("*.process"))


def test_where_the_node_is_only_starting_there_is_none_yet(folder: SandboxFolder) -> None:
    assert first_process(folder) == os.getpid()
    clean(folder)
    with pytest.raises(NoNode):
        first_process(folder)
