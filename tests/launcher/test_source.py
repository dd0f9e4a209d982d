from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from nim_launcher.source import locate, open_at
from nim_profiles.profile import Artifact
from tests.launcher.mirror import mirror

FILE = Artifact("a dir/weights.bin", "hf://org/model:rev1?file=a%20dir%2Fweights.bin")


@pytest.mark.parametrize(
    ("base", "address"),
    [
        ("/mirror/", "/mirror/a dir/weights.bin"),
        ("file:///mirror", "/mirror/a dir/weights.bin"),
        ("https://host/x", "https://host/x/a%20dir/weights.bin"),
        ("https://host/{workspace}", "https://host/KEY/a%20dir/weights.bin"),
        (None, "https://huggingface.co/org/model/resolve/rev1/a%20dir/weights.bin"),
    ],
)
def test_where_a_file_comes_from(base: str | None, address: str) -> None:
    assert locate(FILE, base, "KEY", {}).address == address


@pytest.mark.parametrize(
    ("uri", "address"),
    [("/data/a%20b", "/data/a%20b"), ("file:///data/a%20b", "/data/a b"), ("http://h/a?b=1", "http://h/a?b=1")],
)
def test_an_address_of_its_own_needs_no_base(uri: str, address: str) -> None:
    assert locate(Artifact("a", uri), None, "KEY", {}).address == address


def test_hugging_face_gets_the_token_and_no_other_host(tmp_path: Path, redirecting: str) -> None:
    (tmp_path / "w").write_bytes(b"12345")
    with mirror(tmp_path) as web:
        environ = {"HF_ENDPOINT": redirecting.format(web.url), "HF_TOKEN": "hf_secret"}
        location = locate(Artifact("w", "hf://o/m?file=w"), None, "KEY", environ)
        assert location.headers == {"Authorization": "Bearer hf_secret"}
        stream = open_at(location, 2)
        with stream.file:
            assert (stream.file.read(), stream.offset, stream.total_bytes) == (b"345", 2, 5)
    assert web.requests == [("/w", "bytes=2-", None)]


@pytest.fixture
def redirecting() -> Iterator[str]:
    """A host that sends every request for a file to another one, as Hugging Face does: `url.format(target)`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.headers["Authorization"] == "Bearer hf_secret"
            target, _, _ = self.path.removeprefix("/to/").partition("/o/m/resolve/main/")
            self.send_response(302)
            self.send_header("Location", f"{target}/w")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/to/{{}}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_range_beyond_the_end_starts_anew(tmp_path: Path) -> None:
    (tmp_path / "w").write_bytes(b"12345")
    with mirror(tmp_path) as web:
        location = locate(Artifact("w", "x"), web.url, "KEY", {})
        stream = open_at(location, 99)
        with stream.file:
            assert (stream.offset, stream.file.read()) == (0, b"12345")
