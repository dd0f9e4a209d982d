import asyncio
import os
import socket
from pathlib import Path

import pytest

from nim_sandbox.node.relay import door, target_of


@pytest.mark.parametrize(
    ("head", "target"),
    [
        (b"CONNECT 10.88.0.1:10250 HTTP/1.1\r\nHost: x\r\n\r\n", ("10.88.0.1", 10250)),
        (b"GET / HTTP/1.1\r\n\r\n", None),
        (b"CONNECT 10.88.0.1 HTTP/1.1\r\n\r\n", None),
        (b"CONNECT :80 HTTP/1.1\r\n\r\n", None),
        (b"\xff\r\n\r\n", None),
    ],
)
def test_only_a_connect_with_host_and_port_opens_the_door(head: bytes, target: tuple[str, int] | None) -> None:
    assert target_of(head) == target


async def _greeted_by(path: Path, head: bytes, *, half_closed: bytes = b"") -> bytes:
    own = os.open("/proc/self/ns/net", os.O_RDONLY)
    try:
        server = await door(path, own)
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(head + half_closed)
        if half_closed:
            writer.write_eof()
        got = await asyncio.wait_for(reader.read(), 5)
        writer.close()
        server.close()
        return got
    finally:
        os.close(own)


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="entering a network namespace needs root")


@needs_root
def test_the_door_is_for_its_owner_and_passes_bytes_both_ways_to_their_end(tmp_path: Path) -> None:
    async def scene() -> tuple[bytes, int]:
        async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"echo " + await reader.read())
            writer.close()

        target = await asyncio.start_server(echo, "127.0.0.1", 0)
        port = target.sockets[0].getsockname()[1]
        head = f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\n\r\n".encode()
        got = await _greeted_by(tmp_path / "door", head, half_closed=b"hello")
        target.close()
        return got, (tmp_path / "door").stat().st_mode & 0o777

    got, mode = asyncio.run(scene())
    assert got == b"HTTP/1.1 200 Connection established\r\n\r\necho hello"
    assert mode == 0o600


@needs_root
def test_the_door_says_so_where_nobody_answers(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    head = f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\n\r\n".encode()
    assert asyncio.run(_greeted_by(tmp_path / "door", head)) == b"HTTP/1.1 502 Bad Gateway\r\n\r\n"


@needs_root
def test_anything_but_connect_is_refused(tmp_path: Path) -> None:
    got = asyncio.run(_greeted_by(tmp_path / "door", b"GET / HTTP/1.1\r\n\r\n"))
    assert got == b"HTTP/1.1 400 Bad Request\r\n\r\n"
