import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from nim_profiles.served_profile import answered_text, chat_request, mismatch, read_metadata, read_models
from nim_sandbox.images import nim
from nim_sandbox.nim_like.container import Container
from nim_sandbox.nim_like.server import ANSWER, server
from tests.sandbox.nim_like.made import Made

FP8 = nim.manifest(2).profiles[0]


@contextmanager
def serving(container: Container) -> Iterator[int]:
    listener = server(container, FP8)
    thread = threading.Thread(target=listener.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield listener.server_port
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()


def ask(port: int, path: str, body: object = None) -> tuple[int, Any]:  # Any: JSON
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET" if body is None else "POST", path, None if body is None else json.dumps(body))
        answer = connection.getresponse()
        text = answer.read().decode()
        return answer.status, json.loads(text) if "json" in str(answer.headers["Content-Type"]) else text
    finally:
        connection.close()


def test_2_x_says_the_profile_by_id_and_name(container: Made) -> None:
    with serving(container(NIM_SERVER_PORT="0")) as port:
        told = ask(port, "/v1/metadata")[1]
        assert (told["profile_id"], told["profile_name"]) == (FP8.id, FP8.name)
        assert "selectedModelProfileId" not in told
        assert ask(port, "/v1/version") == (200, {"release": "2.0.0", "openapi_spec": "3.1.0"})


def test_1_x_says_the_profile_in_another_key(container: Made) -> None:
    with serving(container(NIM_SERVER_PORT="0", NIM_LIKE_GENERATION="1")) as port:
        told = ask(port, "/v1/metadata")[1]
        assert told["selectedModelProfileId"] == FP8.id
        assert "profile_id" not in told
        assert ask(port, "/v1/version") == (200, {"release": "1.8.0", "api": "1.0.0"})


@pytest.mark.parametrize("generation", ["1", "2"])
def test_a_check_of_the_pin_reads_both_generations(generation: str, container: Made) -> None:
    with serving(container(NIM_SERVER_PORT="0", NIM_LIKE_GENERATION=generation)) as port:
        served = read_metadata(json.dumps(ask(port, "/v1/metadata")[1]))
        (model,) = read_models(json.dumps(ask(port, "/v1/models")[1]))
        said = answered_text(json.dumps(ask(port, "/v1/chat/completions", chat_request(model.name))[1]))
    assert mismatch(served, FP8.id) is None
    assert (model.name, said) == ("tiny/llama", ANSWER)


def test_it_lives_at_once_and_is_ready_only_once_it_has_loaded(container: Made) -> None:
    with serving(container(NIM_SERVER_PORT="0", NIM_LIKE_LOAD_SECONDS="60")) as port:
        assert ask(port, "/v1/health/live")[0] == 200
        assert ask(port, "/v1/health/ready")[0] == 503
        assert ask(port, "/v1/models")[1]["data"] == []
        assert ask(port, "/v1/chat/completions", {"model": "tiny/llama"})[0] == 503


def test_a_ready_one_answers_always_the_same(container: Made) -> None:
    with serving(container(NIM_SERVER_PORT="0")) as port:
        ready = {"object": "health.response", "message": "ready", "status": "ready"}
        assert ask(port, "/v1/health/ready") == (200, ready)
        status, told = ask(port, "/v1/chat/completions", {"model": "tiny/llama", "messages": []})
        assert (status, told["choices"][0]["message"]["content"]) == (200, ANSWER)
        assert ask(port, "/v1/chat/completions", {"model": "other"})[0] == 404


@pytest.mark.parametrize(("path", "status"), [("/v1/license", 200), ("/v1/manifest", 200), ("/v1/nothing", 404)])
def test_other_paths(path: str, status: int, container: Made) -> None:
    with serving(container(NIM_SERVER_PORT="0")) as port:
        assert ask(port, path)[0] == status
        assert ask(port, "/v1/metrics")[1].startswith("# TYPE vllm:num_requests_running gauge")
        assert ask(port, "/v1/nothing", {})[0] == 404
