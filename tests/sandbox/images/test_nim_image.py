"""The NIM-like images as containers would run them: unpacked, read-only, as their user."""

import http.client
import json
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nim_sandbox.cache import Cache
from nim_sandbox.images import nim
from tests.sandbox.images.unpacked import Unpacked

pytestmark = [pytest.mark.node, pytest.mark.timeout(900)]
FP8 = nim.manifest(2).profiles[0]
KEY = {"NGC_API_KEY": "made-up"}


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Unpacked:
    return Unpacked.of(nim.recipe(2).layout(Cache.of(), print), tmp_path_factory.mktemp("nim"))


def test_it_runs_as_user_1000_and_writes_only_its_cache(image: Unpacked) -> None:
    assert image.run("sh", "-c", "id -u; id -g").stdout == "1000\n1000\n"
    done = image.run("sh", "-c", "touch /opt/nim/.cache/file && touch /opt/nim/file")
    assert done.stderr.strip() == "touch: cannot touch '/opt/nim/file': Read-only file system"


def test_the_utilities_are_on_its_path(image: Unpacked) -> None:
    assert f"  - {FP8.id} ({FP8.name}) [requires >=1 GB/gpu]" in image.run("list-model-profiles").stdout
    done = image.run("download-to-cache", "--profile", "default")
    assert (done.returncode, "Unknown profiles provided: {'default'}" in done.stderr) == (1, True)


@pytest.fixture
def server(image: Unpacked, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environ = {**KEY, "NIM_SERVER_PORT": str(port), "NIM_MODEL_PROFILE": FP8.id}
    process = image.start(log=tmp_path / "log", **environ)
    try:
        yield process, port
    finally:
        process.kill()
        process.wait()


def test_it_serves_the_pinned_profile_and_ends_on_sigterm(server: tuple[subprocess.Popen[bytes], int]) -> None:
    process, port = server
    end = time.monotonic() + 60
    while (told := status_and_body(port, "/v1/health/ready"))[0] != 200:
        assert process.poll() is None
        assert time.monotonic() < end, told
        time.sleep(0.1)
    assert json.loads(status_and_body(port, "/v1/metadata")[1])["profile_id"] == FP8.id
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0


def status_and_body(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except OSError as error:
        return 0, str(error)
    finally:
        connection.close()


def test_a_wrong_id_ends_it_with_nims_words_and_exit_code(image: Unpacked) -> None:
    done = image.run(NIM_MODEL_PROFILE="0" * 64, **KEY)
    assert done.returncode == 1
    assert f"NIM_MODEL_PROFILE is set to {'0' * 64} but no matching profile_id" in done.stderr
