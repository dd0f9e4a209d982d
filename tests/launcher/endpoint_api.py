"""A small server that speaks the API of either generation of images, right or wrong."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, Any]  # Any: JSON
"""Status and body."""
FP8 = "c4789f7af56c770c1c88b73da666886365534d6980b6b922b41fd97036c77d73"
BF16 = "092ed4213624e774d24cdaf84e3b6222839bab2008a21d3c214ab46626366f90"
CHAT, TEXT = "POST /v1/chat/completions", "POST /v1/completions"
METADATA, MODELS = "GET /v1/metadata", "GET /v1/models"

_SAID = {"choices": [{"message": {"role": "assistant", "content": "Paris"}}]}
_MODELS = {"object": "list", "data": [{"id": "meta/llama", "root": "nim_a1", "parent": None}]}
NEWER: Mapping[str, Answer] = {
    METADATA: (200, {"version": "2.0.6", "profile_id": FP8, "profile_name": "vllm-fp8-tp1-pp1-27.0"}),
    MODELS: (200, _MODELS),
    CHAT: (200, _SAID),
}
OLDER: Mapping[str, Answer] = {
    METADATA: (200, {"version": "1.15.0", "assetInfo": [], "selectedModelProfileId": FP8}),
    MODELS: (200, _MODELS),
    CHAT: (200, _SAID),
}


@contextmanager
def serving(answers: Mapping[str, Answer], asked: list[tuple[str, Any]] | None = None) -> Iterator[str]:
    """Its address. What is not in `answers` is 404. `asked` gets each request with its body."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            key = f"{self.command} {self.path}"
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            if asked is not None:
                asked.append((key, body))
            status, answer = answers.get(key, (404, {"error": "not found"}))
            content = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _answer  # noqa: N815 - names of the base class

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - name of the base class
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
