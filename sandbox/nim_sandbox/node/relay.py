"""The only ways into and out of the node's network: bytes passed on between two namespaces, for named addresses.

A socket belongs to the namespace in which it was made, so one process can listen in one and dial in the other.
"""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

from nim_sandbox.node.namespaces import inside_network, listener

Address = tuple[str, int]
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
BLOCK_BYTES = 1 << 16
HEAD_SECONDS = 10.0


async def relay(here: Address, listen_in: int, there: Address, dial_in: int) -> asyncio.Server:
    """Whoever connects to `here` in one network namespace is connected to `there` in the other."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _join(reader, writer, there, dial_in)

    with inside_network(listen_in):
        made = listener(*here)
    return await asyncio.start_server(quiet(handle), sock=made)


async def door(path: Path, dial_in: int) -> asyncio.Server:
    """A Unix socket for its owner only, that speaks HTTP's CONNECT and dials in the namespace of the node."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HEAD_SECONDS)
        there = target_of(head)
        if there is None:
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            return
        await _join(reader, writer, there, dial_in, greeting=b"HTTP/1.1 200 Connection established\r\n\r\n")

    return await asyncio.start_unix_server(quiet(handle), sock=_private_socket(path))


def _private_socket(path: Path) -> socket.socket:
    made = socket.socket(socket.AF_UNIX)
    path.unlink(missing_ok=True)
    made.bind(str(path))
    path.chmod(0o600)
    return made


def target_of(head: bytes) -> Address | None:
    """Of `CONNECT 10.88.0.1:10250 HTTP/1.1`; None for anything else."""
    words = head.partition(b"\r\n")[0].decode("ascii", "replace").split()
    host, _, port = (words[1] if len(words) == 3 and words[0] == "CONNECT" else "").rpartition(":")
    return (host, int(port)) if host and port.isdigit() else None


async def _join(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, there: Address, dial_in: int, greeting: bytes = b""
) -> None:
    with inside_network(dial_in):
        made = socket.socket()
    made.settimeout(0)
    try:
        await asyncio.get_running_loop().sock_connect(made, there)
    except OSError:
        made.close()
        if greeting:
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
        return
    far_reader, far_writer = await asyncio.open_connection(sock=made)
    writer.write(greeting)
    await join(reader, writer, far_reader, far_writer)


async def join(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    far_reader: asyncio.StreamReader,
    far_writer: asyncio.StreamWriter,
) -> None:
    """Until both sides have said all; closes the far one."""
    try:
        await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))
    finally:
        far_writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until one side says no more, which the other side is told."""
    with contextlib.suppress(ConnectionError):
        while block := await reader.read(BLOCK_BYTES):
            writer.write(block)
            await writer.drain()
        writer.write_eof()


def quiet(handle: Handler) -> Handler:
    """Closes what was opened; a peer that went away is nobody's fault."""

    async def handled(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handle(reader, writer)
        except (ConnectionError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    return handled
