"""The output of a child process, piece by piece as it comes."""

import os
import queue
import subprocess
import threading
from collections.abc import Iterator
from typing import IO, Literal

Name = Literal["stdout", "stderr"]
PIECE_BYTES = 4096


def stream(child: subprocess.Popen[bytes]) -> Iterator[tuple[Name, bytes]]:
    """Pieces of both streams in the order of their coming; ends when both are closed."""
    pieces: queue.Queue[tuple[Name, bytes]] = queue.Queue()

    def pump(name: Name, source: IO[bytes]) -> None:
        with source:
            while piece := os.read(source.fileno(), PIECE_BYTES):
                pieces.put((name, piece))
        pieces.put((name, b""))

    if child.stdout is None or child.stderr is None:
        raise ValueError("stream() wants a process whose stdout and stderr are pipes")
    for name, source in (("stdout", child.stdout), ("stderr", child.stderr)):
        threading.Thread(target=pump, args=(name, source), daemon=True).start()
    open_streams = 2
    while open_streams:
        name, piece = pieces.get()
        if piece:
            yield name, piece
        else:
            open_streams -= 1
