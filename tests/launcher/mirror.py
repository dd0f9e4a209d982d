"""An HTTP mirror of a folder on a loopback port: understands ranges, can go slow, stop short, or count what it sent."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

BLOCK_BYTES = 4096


class Mirror:
    """`on_block` is called with the bytes sent so far, of all files, before each block; it may raise to break off."""

    def __init__(self, folder: Path, on_block: Callable[[int], None], *, ranges: bool = True) -> None:
        self.folder, self.on_block, self.ranges = folder, on_block, ranges
        self.sent_bytes = 0
        self.requests: list[tuple[str, str | None, str | None]] = []
        """Path, Range, Authorization."""
        self.url = ""


@contextmanager
def mirror(folder: Path, on_block: Callable[[int], None] = lambda _: None, *, ranges: bool = True) -> Iterator[Mirror]:
    told = Mirror(folder, on_block, ranges=ranges)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.requests.append((self.path, self.headers.get("Range"), self.headers.get("Authorization")))
            path = folder / unquote(self.path).lstrip("/")
            if not path.is_file():
                self.send_error(404)
                return
            content = path.read_bytes()
            asked = self.headers.get("Range") if told.ranges else None
            offset = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
            if asked and offset >= len(content):
                self.send_error(416)
                return
            self.send_response(206 if asked else 200)
            self.send_header("Content-Length", str(len(content) - offset))
            self.end_headers()
            for begin in range(offset, len(content), BLOCK_BYTES):
                try:
                    told.on_block(told.sent_bytes)
                    block = content[begin : begin + BLOCK_BYTES]
                    self.wfile.write(block)
                    told.sent_bytes += len(block)
                except OSError:
                    self.close_connection = True
                    return

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Nothing: tests read `requests`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
