"""The HTTP interface: health, metadata and a chat completion that says the same every time."""

import json
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from nim_profiles.profile import Profile
from nim_sandbox.nim_like.container import Container

ANSWER = "This is a stand-in for a NIM: it computes nothing and always says this."
Answer = tuple[int, Any]  # Any: JSON, or a text


def answers(container: Container, profile: Profile, *, ready: bool) -> Mapping[str, Answer]:
    """What GET says, by path."""
    manifest, model = container.manifest, container.manifest.model or ""
    health = {"object": "health.response", "message": "ready", "status": "ready"}
    waiting = {"object": "health.response", "message": "not ready", "status": "not ready"}
    version = {
        "release": manifest.release,
        **({"api": "1.0.0"} if container.generation == 1 else {"openapi_spec": "3.1.0"}),
    }
    card = {"id": model, "object": "model", "owned_by": "system", "root": model, "max_model_len": 512}
    return {
        "/v1/health/live": (200, {**health, "message": "live", "status": "live"}),
        "/v1/health/ready": (200, health) if ready else (503, waiting),
        "/v1/models": (200, {"object": "list", "data": [card] if ready else []}),
        "/v1/metadata": (200, metadata(container, profile)),
        "/v1/manifest": (200, {"manifest_file": container.manifest_path.read_text(), "repository_override": ""}),
        "/v1/version": (200, version),
        "/v1/license": (200, {"name": "Apache License 2.0", "path": "", "size": 0, "sha": ""}),
        "/v1/metrics": (200, "# TYPE vllm:num_requests_running gauge\nvllm:num_requests_running 0\n"),
    }


def metadata(container: Container, profile: Profile) -> dict[str, Any]:  # Any: JSON
    """1.x says the id in one key, 2.x in another and the name beside it."""
    model = container.manifest.model or ""
    known = {
        "version": container.manifest.release,
        "modelInfo": [{"shortName": model.replace("/", ":"), "modelUrl": ""}],
    }
    if container.generation == 1:
        return {
            **known,
            "assetInfo": [],
            "licenseInfo": {},
            "repository_override": "",
            "selectedModelProfileId": profile.id,
        }
    return {**known, "profile_id": profile.id, "profile_name": profile.name}


def completion(container: Container, request: Mapping[str, Any]) -> Answer:  # Any: JSON
    model = container.manifest.model or ""
    if request.get("model") != model:
        text = f"The model `{request.get('model')}` does not exist."
        return 404, {"object": "error", "message": text, "type": "NotFoundError", "code": 404}
    message = {"role": "assistant", "content": ANSWER}
    words = len(ANSWER.split())
    return 200, {
        "id": "chat-0",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": words, "total_tokens": words + 1},
    }


def server(container: Container, profile: Profile) -> ThreadingHTTPServer:
    """Listens from now on; it is ready `load_seconds` later."""
    ready_at = time.monotonic() + container.load_seconds

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = answers(container, profile, ready=time.monotonic() >= ready_at)
            self._send(*known.get(self.path, (404, {"detail": "Not Found"})))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            if self.path != "/v1/chat/completions":
                self._send(404, {"detail": "Not Found"})
            elif time.monotonic() < ready_at:
                self._send(503, {"detail": "Service Unavailable"})
            else:
                self._send(*completion(container, json.loads(body)))

        def _send(self, status: int, content: Any) -> None:  # Any: as in Answer
            plain = isinstance(content, str)
            body = (content if plain else json.dumps(content)).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/plain" if plain else "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Nothing: requests are not logged, as in NIM images."""

    return ThreadingHTTPServer(("", container.port), Handler)
