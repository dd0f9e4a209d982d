import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from nim_profiles.served_profile import CHAT_PATH, METADATA_PATH, MODELS_PATH
from stacks.answering import NoAnswer, ask

ID = "a" * 64
GOOD = {
    METADATA_PATH: {"profile_id": ID},
    MODELS_PATH: {"data": [{"id": "adapter", "parent": "tiny"}, {"id": "tiny", "max_model_len": 256}]},
    CHAT_PATH: {"choices": [{"message": {"content": "Paris"}}]},
}


@contextmanager
def endpoint(**changes: object) -> Iterator[str]:
    """Answers GOOD with `changes` by the last part of a path; None is a refusal."""
    answers = {path: changes.get(path.rpartition("/")[2], answer) for path, answer in GOOD.items()}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = answers[self.path]
            self.send_response(200 if answer else 503)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_the_model_itself_is_asked_and_the_same_request_is_given_for_a_shell() -> None:
    with endpoint() as address:
        answer = ask(address, ID)
    assert (answer.profile_id, answer.said, answer.longest_context_tokens) == (ID, "Paris", 256)
    assert answer.curl.startswith(f"curl -s {address}/v1/chat/completions -H 'Content-Type: application/json' -d '{{")
    assert json.loads(answer.curl.split("-d ")[1].strip("'"))["model"] == "tiny"


def test_another_profile_is_no_answer() -> None:
    with endpoint(metadata={"profile_id": "b" * 64}) as address, pytest.raises(NoAnswer) as refused:
        ask(address, ID)
    assert str(refused.value) == f"serves profile {'b' * 64}, and {ID} is pinned"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"completions": {"choices": [{"message": {"content": ""}}]}}, "the completion is empty"),
        ({"completions": None}, "/v1/chat/completions answers 503"),
        ({"models": {"data": []}}, "lists no model"),
    ],
)
def test_what_is_no_completion_is_told(changes: dict[str, object], why: str) -> None:
    with endpoint(**changes) as address, pytest.raises(NoAnswer, match=why):
        ask(address, ID)


def test_an_address_where_nobody_listens_is_told() -> None:
    with endpoint() as address:
        pass
    with pytest.raises(NoAnswer, match="ConnectError"):
        ask(address, ID)
