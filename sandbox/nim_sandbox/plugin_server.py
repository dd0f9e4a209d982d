"""How a plugin of the Pulumi engine is served: a gRPC server on loopback whose port is the first line on stdout."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import FrameType

import grpc

MAX_MESSAGE_BYTES = 400 * 1024 * 1024
"""What the engine itself allows (pulumi SDK 3.250.0, `_GRPC_CHANNEL_OPTIONS`)."""
PARALLEL_REQUESTS = 256
"""Waiting requests hold a thread each; the engine asks for 4 per core unless told otherwise."""
GRACE_SECONDS = 1.0
PARENT_WATCH_SECONDS = 1.0


def serve(add_services: Callable[[grpc.Server], None], stop: Callable[[], None]) -> None:
    """Serves until SIGINT, SIGTERM or the death of the engine; `stop` is called first and must return promptly.

    The engine is our parent, so start this by `exec` where a script stands between.
    """
    server = grpc.server(
        ThreadPoolExecutor(PARALLEL_REQUESTS),
        options=[
            ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
            ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
        ],
    )
    add_services(server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    ended = threading.Event()

    def end(signal_number: int, frame: FrameType | None) -> None:
        del signal_number, frame
        ended.set()

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    engine = os.getppid()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    while not ended.wait(PARENT_WATCH_SECONDS) and os.getppid() == engine:
        pass
    stop()
    server.stop(GRACE_SECONDS).wait(GRACE_SECONDS)
    # Threads that still wait for a server's answer must not keep a plugin alive that nobody listens to.
    os._exit(0)
