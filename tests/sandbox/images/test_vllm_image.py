"""The serving image as a container would run it: unpacked, read-only, as its user, with our launcher mounted."""

import json
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from nim_launcher.zip_application import build
from nim_profiles.manifest import write_manifest
from nim_sandbox.cache import Cache
from nim_sandbox.images import vllm
from nim_sandbox.images.tiny_llama import write_model
from tests.launcher.test_vllm import ask, free_port, kill_group
from tests.sandbox.images.unpacked import Unpacked

pytestmark = [pytest.mark.node, pytest.mark.timeout(1800)]
LAUNCHER = "/opt/nim-launcher/nim-launcher.zip"
START_SECONDS = 300
PINNED, OTHER = vllm.manifest().profiles


@dataclass(frozen=True)
class Pod:
    image: Unpacked

    def environment(self, port: int) -> dict[str, str]:
        return {"NIM_MODEL_PROFILE": PINNED.id, "NIM_SERVER_PORT": str(port), "HOME": "/opt/nim/.cache/home"}


@pytest.fixture(scope="module")
def pod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pod]:
    folder = tmp_path_factory.mktemp("vllm")
    image = Unpacked.of(vllm.recipe().layout(Cache.of(), print), folder)
    mounted = image.root / Path(LAUNCHER).parent.relative_to("/")
    mounted.mkdir()
    (mounted / "nim-launcher.zip").write_bytes(build())
    (mounted / "model_manifest.yaml").write_text(write_manifest(vllm.manifest()))
    write_model(image.root / "opt/mirror")
    yield Pod(image)
    image.remove()


def test_the_cache_is_filled_and_the_pinned_profile_is_served_until_sigterm(pod: Pod, tmp_path: Path) -> None:
    done = pod.image.run(
        "python3", LAUNCHER, "download-to-cache", "--source", "/opt/mirror", NIM_MODEL_PROFILE=PINNED.id
    )
    assert done.returncode == 0, done.stderr
    port, log = free_port(), tmp_path / "log"
    words = ("start", "--host", "127.0.0.1", "--distributed-executor-backend", "uni")
    process = pod.image.start("python3", LAUNCHER, *words, log=log, **pod.environment(port))
    try:
        end = time.monotonic() + START_SECONDS
        while not answers(port):
            assert process.poll() is None, log.read_text()[-4000:]
            assert time.monotonic() < end, log.read_text()[-4000:]
            time.sleep(0.5)
        assert json.loads(ask(port, "/v1/metadata")[1])["profile_id"] == PINNED.id
        question = {"model": "tiny/llama", "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 8}
        status, text = ask(port, "/v1/chat/completions", question)
        assert (status, json.loads(text)["usage"]["completion_tokens"] > 0) == (200, True), text
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    finally:
        kill_group(process)
    assert "no version information" not in log.read_text()


def answers(port: int) -> bool:
    try:
        return ask(port, "/health")[0] == 200
    except OSError:
        return False


def test_a_wrong_id_ends_it_with_the_launchers_exit_code(pod: Pod) -> None:
    done = pod.image.run("python3", LAUNCHER, "start", NIM_MODEL_PROFILE="0" * 64)
    assert done.returncode == 72, done.stderr
    assert f"no profile has the id or the name '{'0' * 64}'" in done.stderr
