import json
from typing import Any

import pytest

from nim_launcher import metadata, metadata_middleware
from nim_launcher.metadata_middleware import ALIASES, Message, Metadata
from tests.launcher.samples import profile


def request(path: str, method: str = "GET", kind: str = "http") -> tuple[list[Message], list[Any]]:  # Any: ASGI scopes
    """What was sent, and the scopes that reached the app behind."""
    sent: list[Message] = []
    behind: list[Any] = []

    async def app(scope: Message, _receive: object, _send: object) -> None:
        behind.append(scope)

    async def receive() -> Message:
        return {}

    async def send(message: Message) -> None:
        sent.append(message)

    # Nothing here waits, so no event loop is needed: one would be taken away from tests that come after this.
    with pytest.raises(StopIteration):
        Metadata(app)({"type": kind, "path": path, "method": method}, receive, send).send(None)
    return sent, behind


def test_the_name_that_vllm_loads_is_the_class() -> None:
    assert f"{metadata_middleware.__name__}.{Metadata.__name__}" == metadata.MIDDLEWARE
    assert metadata.VARIABLE == "NIM_LAUNCHER_METADATA"


def test_metadata_answer_without_reaching_vllm(monkeypatch: pytest.MonkeyPatch) -> None:
    told = metadata.metadata(profile(), "m", "2.0.6", "0.32.0")
    monkeypatch.setenv(metadata.VARIABLE, json.dumps(told))
    (start, body), behind = request("/v1/metadata")
    assert (start["status"], json.loads(body["body"]), behind) == (200, told, [])
    assert dict(start["headers"])[b"content-length"] == str(len(body["body"])).encode()


def test_a_head_request_has_no_body() -> None:
    assert request("/v1/metadata", "HEAD")[0][1]["body"] == b""


@pytest.mark.parametrize(("path", "leads_to"), sorted(ALIASES.items()))
def test_nims_paths_lead_to_vllms(path: str, leads_to: str) -> None:
    sent, (scope,) = request(path)
    assert (sent, scope["path"], scope["raw_path"]) == ([], leads_to, leads_to.encode())


@pytest.mark.parametrize(("path", "kind"), [("/v1/models", "http"), ("/v1/metadata", "websocket"), ("", "lifespan")])
def test_everything_else_passes_untouched(path: str, kind: str) -> None:
    sent, (scope,) = request(path, kind=kind)
    assert (sent, scope["path"]) == ([], path)
