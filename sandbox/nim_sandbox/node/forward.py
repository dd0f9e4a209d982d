"""A port of this machine for a service of the sandbox: each connection goes to a pod that is ready just then.

`kubectl port-forward` holds on to one pod and ends with it; this follows the service through every roll-out.
"""

import argparse
import asyncio
import contextlib
import fcntl
import functools
import itertools
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from nim_sandbox import process
from nim_sandbox.folder import SandboxFolder
from nim_sandbox.node.endpoints import ready_addresses
from nim_sandbox.node.relay import HEAD_SECONDS, Address, join, quiet
from nim_sandbox.node.running import first_process
from nim_sandbox.objects import client
from nim_sandbox.ports import choose_ports, is_free

START_SECONDS = 60.0
"""To listen; usual: one. A busy machine is no failure; a process that ended is one at once."""
STOP_SECONDS = 5.0


class ForwardFailed(RuntimeError):
    """The process that would listen does not; nothing is left of it."""


def start(folder: SandboxFolder, namespace: str, service: str) -> int:
    """The port, on loopback; that of a forward that runs already where there is one. Raises NoNode or ForwardFailed."""
    first_process(folder)
    name = f"{namespace}.{service}"
    record, ports = folder.forwards / f"{name}.process", folder.forwards / f"{name}.port"
    log = folder.logs / f"forward-{name}.log"
    with _alone(folder):
        first_process(folder)  # it may have been stopped meanwhile
        running = process.read_record(record)
        if running is not None and process.alive(running):
            return int(json.loads(ports.read_text(encoding="utf-8"))[name])
        (port,) = choose_ports((name,), ports, fresh=False).values()
        arguments = [f"--root={folder.root}", f"--namespace={namespace}", f"--service={service}", f"--port={port}"]
        running = process.start([sys.executable, "-m", __name__, *arguments], record=record, log=log)
        deadline = time.monotonic() + START_SECONDS
        while is_free(port):
            if not process.alive(running) or time.monotonic() > deadline:
                process.stop(running, grace_seconds=STOP_SECONDS)
                raise ForwardFailed(f"nothing listens for {namespace}/{service} at port {port}: see {log}")
            time.sleep(0.05)
    return port


def stop_all(folder: SandboxFolder) -> None:
    """To be called once the node has stopped: then none is started any more."""
    if not folder.forwards.exists():
        return
    with _alone(folder):
        for record in sorted(folder.forwards.glob("*.process")):
            if (running := process.read_record(record)) is not None:
                process.stop(running, grace_seconds=STOP_SECONDS)
            record.unlink()


@contextlib.contextmanager
def _alone(folder: SandboxFolder) -> Iterator[None]:
    """Two at once would lose the record of one."""
    folder.forwards.mkdir(exist_ok=True)
    with (folder.forwards / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


async def connect(door: Path, there: Address) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """To an address in the node's network. Raises ConnectionError where nobody answers."""
    reader, writer = await asyncio.open_unix_connection(door)
    host, port = there
    writer.write(f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    try:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HEAD_SECONDS)
    except (asyncio.IncompleteReadError, TimeoutError) as error:
        writer.close()
        raise ConnectionError(f"{host}:{port} does not answer") from error
    if not head.startswith(b"HTTP/1.1 200"):
        writer.close()
        raise ConnectionError(f"{host}:{port} refuses")
    return reader, writer


async def serve(folder: SandboxFolder, namespace: str, service: str, port: int) -> None:
    turn = itertools.count()
    with client(folder.kubeconfig) as api:
        look = functools.partial(ready_addresses, api, service, namespace)

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            found = await asyncio.to_thread(look) or []
            first = next(turn)
            for number in range(len(found)):
                try:
                    far = await connect(folder.door, found[(first + number) % len(found)])
                except OSError:
                    continue  # it has just gone: the next one
                await join(reader, writer, *far)
                return

        server = await asyncio.start_server(quiet(handle), "127.0.0.1", port)
        await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", required=True, type=Path)
    parser.add_argument("--namespace", required=True)
    parser.add_argument("--service", required=True)
    parser.add_argument("--port", required=True, type=int)
    arguments = parser.parse_args()
    asyncio.run(serve(SandboxFolder(arguments.root), arguments.namespace, arguments.service, arguments.port))


if __name__ == "__main__":
    main()
