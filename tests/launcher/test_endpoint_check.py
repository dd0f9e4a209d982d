"""The very script that runs in a cluster, as a process of its own, against a server that is right or wrong."""

import ast
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from nim_launcher import endpoint_check
from nim_profiles import served_profile
from tests.launcher.endpoint_api import BF16, CHAT, FP8, METADATA, MODELS, NEWER, OLDER, TEXT, Answer, serving


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files as they are mounted, far from this repository."""
    folder = tmp_path_factory.mktemp("mounted")
    (folder / "nim_profiles").mkdir()
    (folder / "nim_profiles/__init__.py").touch()
    shutil.copy(served_profile.__file__, folder / "nim_profiles")
    return Path(shutil.copy(endpoint_check.__file__, folder))


def run(script: Path, url: str, *more: str, profile: str | None = FP8, seconds: str = "20") -> tuple[int, str, str]:
    """Exit code, standard output and standard error; without the packages of this environment."""
    pin = [] if profile is None else ["--profile", profile]
    words = [sys.executable, "-S", "-E", str(script), "--url", url, "--seconds", seconds, *pin, *more]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout, done.stderr


def answers(base: Mapping[str, Answer] = NEWER, **changed: Answer) -> dict[str, Answer]:
    keys = {"metadata": METADATA, "models": MODELS, "chat": CHAT, "text": TEXT}
    return {**base, **{keys[name]: answer for name, answer in changed.items()}}


@pytest.mark.parametrize(("generation", "name"), [(NEWER, " (vllm-fp8-tp1-pp1-27.0)"), (OLDER, "")])
def test_the_pinned_profile_that_answers_passes(script: Path, generation: Mapping[str, Answer], name: str) -> None:
    with serving(generation) as url:
        code, out, err = run(script, url)
    assert (code, err) == (0, "")
    served, answered = out.splitlines()
    assert served == f"endpoint-check: {url} serves profile {FP8}{name}"
    assert answered.startswith(f"endpoint-check: {url} answers as meta/llama with 'Paris' in ")


@pytest.mark.parametrize("generation", [NEWER, OLDER])
def test_another_profile_fails_though_it_answers(script: Path, generation: Mapping[str, Answer]) -> None:
    with serving(generation) as url:
        code, out, err = run(script, url, profile=BF16)
    assert code == 1
    assert "answers as meta/llama" in out
    assert f"serves profile {FP8}" in err
    assert err.endswith(f"and {BF16} is pinned\n")


WRONG: dict[str, tuple[dict[str, Answer], str]] = {
    "a metadata answer without a profile": (
        answers(metadata=(200, {"version": "1.10.1"})),
        "does not say which profile it serves: /v1/metadata has none of profile_id, selectedModelProfileId",
    ),
    "no metadata at all": (
        answers(metadata=(404, "no such page")),
        "answers /v1/metadata with status 404: 'no such page'",
    ),
    "metadata that is no JSON": (answers(metadata=(200, "<html>")), "/v1/metadata is no JSON object: '<html>'"),
    "an empty completion": (answers(chat=(200, {"choices": []})), "the completion has no choices: '{\"choices\": []}'"),
    "a completion of white space": (
        answers(chat=(200, {"choices": [{"message": {"content": " "}}]})),
        'the completion is empty: \'{"choices": [{"message": {"content": " "}}]}\'',
    ),
    "an engine that died": (
        answers(chat=(500, "EngineDeadError")),
        "answers /v1/chat/completions with status 500: 'EngineDeadError'",
    ),
    "no model": (answers(models=(200, {"data": []})), "/v1/models lists no model: '{\"data\": []}'"),
    "neither chat nor text": (
        answers(chat=(404, ""), text=(400, "no")),
        "answers /v1/completions with status 400: 'no'",
    ),
}


@pytest.mark.parametrize(("wrong", "why"), WRONG.values(), ids=WRONG)
def test_what_is_no_proof_fails(script: Path, wrong: dict[str, Answer], why: str) -> None:
    with serving(wrong) as url:
        code, _, err = run(script, url)
    assert (code, err) == (1, f"endpoint-check: {url} {why}\n")


def test_every_fault_is_told_at_once(script: Path) -> None:
    with serving(answers(chat=(200, {"choices": []}))) as url:
        code, out, err = run(script, url, profile=BF16)
    assert (code, out, len(err.splitlines())) == (1, "", 2)


def test_nobody_who_answers_fails_in_time(script: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        code, _, err = run(script, url, seconds="1")
    assert code == 1
    assert f"{url} does not answer /v1/metadata: " in err
    assert err.rstrip().endswith("(for 1 s)")


def test_a_server_that_comes_late_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint_check, "PAUSE_SECONDS", 0.01)
    late = answers(metadata=(503, "starting"))
    with serving(late) as url:
        endpoint = endpoint_check.Endpoint(url, 20)
        monkeypatch.setattr(time, "sleep", lambda _: late.update(NEWER))
        assert endpoint_check.profile_of(endpoint, FP8) == f"serves profile {FP8} (vllm-fp8-tp1-pp1-27.0)"


def test_a_model_without_a_chat_template_answers_as_text(script: Path) -> None:
    asked: list[tuple[str, object]] = []
    with serving(answers(chat=(400, "no chat template"), text=(200, {"choices": [{"text": " Paris"}]})), asked) as url:
        code, out, _ = run(script, url)
    assert code == 0
    assert "answers as meta/llama with 'Paris' in " in out
    assert asked[-1][0] == TEXT


def test_adapters_must_be_listed_and_the_base_model_answers(script: Path) -> None:
    rows = [{"id": "sql", "parent": "meta/llama"}, {"id": "meta/llama", "parent": None}]
    asked: list[tuple[str, dict[str, str]]] = []
    with serving(answers(models=(200, {"data": rows})), asked) as url:
        good = run(script, url, "--adapter", "sql")
        bad = run(script, url, "--adapter", "sql", "--adapter", "tone")
    assert (good[0], asked[2][1]["model"]) == (0, "meta/llama")
    assert bad[0] == 1
    assert bad[2].endswith("lists the models sql, meta/llama, and not the adapters tone\n")


def test_what_a_container_chose_itself_is_told(script: Path) -> None:
    with serving(answers(metadata=(200, {"version": "1.10.1"}))) as url:
        code, out, err = run(script, url, profile=None)
    assert (code, err) == (0, "")
    assert out.splitlines()[0].endswith("serves profile that it does not name")


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with serving(NEWER) as url:
        assert endpoint_check.main(["--url", url, "--profile", FP8]) == 0


def test_the_script_runs_on_the_python_of_old_images() -> None:
    tree = ast.parse(Path(endpoint_check.__file__).read_text(encoding="utf-8"), feature_version=(3, 8))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    ours = {str(name) for name in modules if str(name).partition(".")[0] not in sys.stdlib_module_names}
    assert ours == {"nim_profiles.served_profile"}
