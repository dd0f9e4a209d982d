import http.client
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nim_sandbox.nim_like.mirror import server


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    (tmp_path / "files").mkdir()
    (tmp_path / "files/weights").write_bytes(bytes(range(256)) * 200)
    (tmp_path / "secret").touch()
    listener = server(tmp_path / "files", 0, bytes_per_second=100_000)
    thread = threading.Thread(target=listener.serve_forever, args=(0.05,))
    thread.start()
    yield listener.server_port
    listener.shutdown()
    listener.server_close()
    thread.join()


def ask(port: int, path: str, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read() if answer.status < 400 else b""
    finally:
        connection.close()


def test_a_file_comes_whole_or_from_where_one_asks_and_as_slow_as_was_said(port: int) -> None:
    began = time.monotonic()
    assert ask(port, "/weights") == (200, bytes(range(256)) * 200)
    assert time.monotonic() - began > 0.4
    assert ask(port, "/weights", Range="bytes=51199-") == (206, b"\xff")
    assert ask(port, "/weights", Range="bytes=51200-")[0] == 416


@pytest.mark.parametrize("path", ["/nothing", "/../secret", "/%2e%2e/secret", "/"])
def test_nothing_else_is_given_away(path: str, port: int) -> None:
    assert ask(port, path)[0] == 404
