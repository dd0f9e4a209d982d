"""A small OCI registry on a loopback port that serves one artifact, with tokens and redirects as large ones have."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

NAME = "models/tiny"
TAG = "1.0"
SCOPE = f"repository:{NAME}:pull"
PASSWORD = "made-up"
LIE = f"sha256:{'0' * 64}"
"""A digest under which the registry gives the manifest, which has another one."""


@dataclass
class Registry:
    manifest: bytes
    blobs: dict[str, bytes]
    closed: bool = False
    """Only with a token."""
    redirects: bool = False
    """Blobs are elsewhere."""
    host: str = ""
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    """Path and Range."""
    tokens_given: int = 0
    requests_per_token: int = 1_000_000
    left: int = 0
    """Requests that the current token is still good for."""

    @property
    def address(self) -> str:
        return f"oci+http://{self.host}/{NAME}:{TAG}"

    @property
    def digest(self) -> str:
        return sha256(self.manifest)

    def admits(self, authorization: str | None) -> bool:
        self.left -= 1
        return not self.closed or (self.left >= 0 and authorization == f"Bearer t{self.tokens_given}")


def sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def login(folder: Path, host: str) -> dict[str, str]:
    """The environment of somebody who may read."""
    entry = {"auth": base64.b64encode(f"me:{PASSWORD}".encode()).decode()}
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"auths": {host: entry}}))
    return {"DOCKER_CONFIG": str(folder)}


class Handler(BaseHTTPRequestHandler):
    told: Registry

    def do_GET(self) -> None:
        self.told.requests.append((self.path, self.headers.get("Range")))
        if self.path.startswith("/token"):
            self._token()
        elif self.path.startswith("/elsewhere/"):
            assert "Authorization" not in self.headers
            self._send(self.told.blobs[self.path.removeprefix("/elsewhere/")])
        elif self.told.admits(self.headers["Authorization"]):
            self._content()
        else:
            asked = f'realm="http://{self.told.host}/token",service="registry",scope="{SCOPE}"'
            self._answer(401, {"WWW-Authenticate": f"Bearer {asked}"}, b"")

    def _content(self) -> None:
        digest = self.path.removeprefix(f"/v2/{NAME}/blobs/")
        if self.path in {f"/v2/{NAME}/manifests/{reference}" for reference in (TAG, self.told.digest, LIE)}:
            self._send(self.told.manifest)
        elif digest not in self.told.blobs:
            self._answer(404, {}, b'{"errors":[{"code":"MANIFEST_UNKNOWN"}]}')
        elif self.told.redirects:
            self._answer(307, {"Location": f"http://{self.told.host}/elsewhere/{digest}"}, b"")
        else:
            self._send(self.told.blobs[digest])

    def _token(self) -> None:
        scope = parse_qs(urlsplit(self.path).query)["scope"]
        right = "Basic " + base64.b64encode(f"me:{PASSWORD}".encode()).decode()
        if self.headers["Authorization"] != right or scope != [SCOPE]:
            self._answer(401, {}, b"")
            return
        self.told.tokens_given += 1
        self.told.left = self.told.requests_per_token
        self._answer(200, {}, json.dumps({"token": f"t{self.told.tokens_given}"}).encode())

    def _send(self, content: bytes) -> None:
        asked = self.headers.get("Range")
        begin = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        if asked and begin >= len(content):
            self._answer(416, {}, b"")
        else:
            self._answer(206 if asked else 200, {}, content[begin:])

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Nothing: tests read `requests`."""


@contextmanager
def registry(folder: Path, *, closed: bool = False, redirects: bool = False, titled: bool = True) -> Iterator[Registry]:
    """The files of `folder` as layers."""
    files = {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    layers = [
        {
            "mediaType": "application/octet-stream",
            "digest": sha256(content),
            "size": len(content),
            **({"annotations": {"org.opencontainers.image.title": name}} if titled else {}),
        }
        for name, content in files.items()
    ]
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": layers}
    blobs = {sha256(content): content for content in files.values()}
    told = Registry(json.dumps(manifest).encode(), blobs, closed=closed, redirects=redirects)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Told", (Handler,), {"told": told}))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    told.host = f"127.0.0.1:{server.server_port}"
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
