"""One comment a pull request, against a server that answers as GitHub does."""

import importlib.util
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from stacks.cli.previews import MARKER
from stacks.selected import ROOT


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("comment", ROOT / "tools/comment.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


comment = load()
PULLS = [{"number": 6, "head": {"sha": "old"}}, {"number": 7, "head": {"sha": "abc"}}]
BY_A_PERSON = {"id": 1, "user": {"type": "User"}, "body": f"{MARKER}\nmine"}
OURS = {"id": 2, "user": {"type": "Bot"}, "body": f"{MARKER}\nold"}


class Server(ThreadingHTTPServer):
    comments: list[Any]
    calls: list[tuple[str, str, Any]]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def _answer(self, answer: Any) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(size)) if size else None
        self.server.calls.append((self.command, self.path, body))
        content = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        if "/pulls?" in self.path:
            self._answer(PULLS)
            return
        page = int(self.path.rpartition("page=")[2])
        self._answer(self.server.comments[(page - 1) * 100 : page * 100])

    def do_POST(self) -> None:
        self._answer({})

    do_PATCH = do_POST  # noqa: N815 - as above

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    server = Server(("127.0.0.1", 0), Handler)
    server.comments, server.calls = [], []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    around = {
        "GITHUB_API_URL": f"http://127.0.0.1:{server.server_port}",
        "GITHUB_REPOSITORY": "team/models",
        "GITHUB_TOKEN": "made-up",
        "HEAD_OWNER": "fork&er",
        "HEAD_BRANCH": "a change",
        "HEAD_SHA": "abc",
    }
    for name, value in around.items():
        monkeypatch.setenv(name, value)
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "comment.md"
    path.write_text(f"{MARKER}\n### hello\n", encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["comment.py", str(path)])
    return path


BODY = {"body": f"{MARKER}\n### hello"}


@pytest.mark.usefixtures("file")
def test_the_first_comment_is_written_to_the_pull_request_of_that_head(github: Server) -> None:
    comment.main()
    assert github.calls[0][1] == "/repos/team/models/pulls?state=open&head=fork%26er%3Aa%20change&per_page=100&page=1"
    assert github.calls[-1] == ("POST", "/repos/team/models/issues/7/comments", BODY)


@pytest.mark.usefixtures("file")
def test_our_own_comment_is_updated_however_many_there_are_and_nobody_elses(github: Server) -> None:
    github.comments = [BY_A_PERSON] * 150 + [OURS]
    comment.main()
    assert github.calls[-1] == ("PATCH", "/repos/team/models/issues/comments/2", BODY)


@pytest.mark.usefixtures("file")
def test_a_head_that_has_moved_on_is_left_alone(
    github: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HEAD_SHA", "gone")
    comment.main()
    assert [call[0] for call in github.calls] == ["GET"]
    assert capsys.readouterr().out == "this head is no longer that of an open pull request: nothing to say\n"


def test_a_long_text_is_cut_and_always_begins_with_the_marker() -> None:
    body = comment.body_of("x" * 100_000)
    assert len(body) == 65_536
    assert body.startswith(f"{MARKER}\nxxx")
    assert body.endswith("an artifact of the workflow)")
    assert comment.MARKER == MARKER
