"""As much of Hugging Face's server as its library asks for, on a loopback port: one repository, from a folder."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

REPOSITORY = "tiny/llama"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@contextmanager
def hub(folder: Path) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Its address, and the requests that it gets: method and path."""
    asked: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._file()

        def do_GET(self) -> None:
            self._file()

        def _file(self) -> None:
            asked.append((self.command, self.path))
            path = folder / unquote(self.path).removeprefix(f"/{REPOSITORY}/resolve/main/").lstrip("/")
            content = path.read_bytes() if path.is_file() else None
            headers = {"X-Repo-Commit": COMMIT, "Content-Length": str(len(content or b""))}
            if content is None:
                headers["X-Error-Code"] = "EntryNotFound"
            else:
                headers["ETag"] = f'"{hashlib.sha256(content).hexdigest()}"'
            self.send_response(404 if content is None else 200)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            if content and self.command == "GET":
                self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
