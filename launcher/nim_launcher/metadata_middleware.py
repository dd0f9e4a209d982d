"""Loaded into vLLM by `--middleware`: answers NIM's paths beside vLLM's own. Imports nothing but the standard library.

`/v1/metadata` says which profile was pinned; NIM's health and metrics paths lead to vLLM's. None of them asks for an
API key, as in NIM images.
"""

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]  # Any: ASGI messages are loose by design
App = Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]

ALIASES = {
    "/v1/health/live": "/health",
    "/v1/health/ready": "/health",
    "/v1/metrics": "/metrics",
}


class Metadata:
    """ASGI middleware."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.body = os.environ.get("NIM_LAUNCHER_METADATA", "{}").encode()

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http" and path == "/v1/metadata":
            headers = [(b"content-type", b"application/json"), (b"content-length", str(len(self.body)).encode())]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else self.body})
            return
        if scope["type"] == "http" and path in ALIASES:
            scope = {**scope, "path": ALIASES[path], "raw_path": ALIASES[path].encode()}
        await self.app(scope, receive, send)
