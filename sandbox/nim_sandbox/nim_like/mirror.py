"""A mirror of NGC's files for other pods: plain HTTP with ranges, as slow as MIRROR_KILOBYTES_PER_SECOND says."""

import os
import signal
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

BLOCK_BYTES = 16_384


def server(folder: Path, port: int, bytes_per_second: float | None) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = (folder / unquote(self.path).lstrip("/")).resolve()
            if not (path.is_file() and path.is_relative_to(folder.resolve())):
                self.send_error(404)
                return
            size = path.stat().st_size
            asked = self.headers.get("Range", "")
            begin = int(asked.removeprefix("bytes=").partition("-")[0] or 0) if asked else 0
            if asked and begin >= size:
                self.send_error(416)
                return
            self.send_response(206 if asked else 200)
            self.send_header("Content-Length", str(size - begin))
            self.end_headers()
            with path.open("rb") as file:
                file.seek(begin)
                while block := file.read(BLOCK_BYTES):
                    self.wfile.write(block)
                    if bytes_per_second:
                        time.sleep(len(block) / bytes_per_second)

    return ThreadingHTTPServer(("", port), Handler)


def serve(folder: Path, port: int) -> None:
    """Until SIGTERM."""

    def end(_number: int, _frame: object) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, end)
    kilobytes = os.environ.get("MIRROR_KILOBYTES_PER_SECOND")
    server(folder, port, float(kilobytes) * 1000 if kilobytes else None).serve_forever()
