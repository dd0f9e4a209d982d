import socket
import subprocess
import sys

import pytest

from nim_launcher.lifecycle import grace_period_seconds, pre_stop, stop


def test_the_grace_period_holds_the_drain_and_the_end() -> None:
    assert [grace_period_seconds(drain) for drain in (0, 30)] == [20, 50]


def test_the_hook_runs_the_zip_application() -> None:
    assert pre_stop("/launcher/x.zip") == {"exec": {"command": ["python3", "/launcher/x.zip", "stop"]}}


def test_a_server_that_does_not_listen_yet_gets_the_first_sigterm() -> None:
    with socket.socket() as bound:  # bound without listening, as vLLM is while it loads
        bound.bind(("127.0.0.1", 0))
        waiting = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        assert stop(bound.getsockname()[1], waiting.pid)
        assert waiting.wait(timeout=10) == -15


def test_a_server_that_listens_is_left_alone_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("nim_launcher.lifecycle.time.sleep", slept.append)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        waiting = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        try:
            assert not stop(listening.getsockname()[1], waiting.pid)
            assert waiting.poll() is None
            assert slept == [5.0]
        finally:
            waiting.kill()
            waiting.wait()
