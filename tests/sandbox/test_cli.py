import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from nim_sandbox.cli import main
from nim_sandbox.versions import version_table


def test_env_prints_lines_for_a_shell_to_evaluate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIM_SANDBOX_HOME", str(tmp_path))
    shown = CliRunner().invoke(main, ["env", "mine"])
    assert shown.exit_code == 0
    lines = shown.output.splitlines()
    assert all(line.startswith("export ") for line in lines)
    assert f"export KUBECONFIG={tmp_path}/mine/kubeconfig" in lines


def test_run_hands_on_the_environment_the_arguments_and_the_exit_code(tmp_path: Path) -> None:
    command = ["run", "mine", "--", "sh", "-c", 'echo "$KUBECONFIG $1"; exit 7', "sh", "--flag"]
    ran = subprocess.run(
        [sys.executable, "-c", "from nim_sandbox.cli import main; main()", *command],
        env={"NIM_SANDBOX_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (7, f"{tmp_path}/mine/kubeconfig --flag\n")


def test_a_command_that_does_not_exist_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIM_SANDBOX_HOME", str(tmp_path))
    ran = CliRunner().invoke(main, ["run", "mine", "--", "no-such-command"])
    assert (ran.exit_code, ran.output) == (1, "Error: no-such-command: no such command on PATH\n")


def test_status_of_a_sandbox_that_never_was_is_no_and_exit_code_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIM_SANDBOX_HOME", str(tmp_path))
    shown = CliRunner().invoke(main, ["status", "mine"])
    assert (shown.exit_code, shown.output) == (1, "sandbox mine: not running\n")
    assert list(tmp_path.iterdir()) == []


def test_a_bad_name_is_one_line_and_no_traceback() -> None:
    shown = CliRunner().invoke(main, ["start", "../elsewhere"])
    assert shown.exit_code == 2
    assert "'../elsewhere' is not a sandbox name" in shown.output


def test_starting_without_the_programs_says_what_is_missing_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIM_SANDBOX_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "empty"))
    monkeypatch.setenv("PATH", "/nowhere")
    shown = CliRunner().invoke(main, ["start", "mine"])
    assert shown.exit_code == 1
    assert "kube-apiserver" in shown.output
    assert "make tools" in shown.output


@pytest.mark.parametrize(
    "command",
    [
        ["forward", "mine", "nim/llama"],
        ["files", "mine", "nim/llama"],
        ["load", "mine", "sandbox.local/nim/tiny/llama:2.0.0"],
    ],
)
def test_what_needs_a_real_node_says_so_where_there_is_none(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIM_SANDBOX_HOME", str(tmp_path))
    monkeypatch.setattr("nim_sandbox.images.provide.provide", lambda *_: {"any": tmp_path})
    shown = CliRunner().invoke(main, command)
    assert (shown.exit_code, shown.output) == (
        1,
        "Error: sandbox mine has no real node: start it with `nim-sandbox start NAME --node`\n",
    )


def test_a_stop_that_leaves_something_says_what_and_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(_plane: object, *, keep: bool) -> None:
        raise OSError(16, "Device or resource busy", f"{tmp_path}/{keep}")

    monkeypatch.setattr("nim_sandbox.control_plane.ControlPlane.stop", busy)
    shown = CliRunner().invoke(main, ["stop", "mine"])
    assert shown.exit_code == 1
    assert shown.output.startswith("Error: sandbox mine is not wholly stopped: [Errno 16] Device or resource busy")


def test_a_flag_of_start_provides_the_programs_that_are_on_demand_for_it_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = version_table()
    more = replace(table.programs["etcd"], name="more", on_demand="aws")
    monkeypatch.setattr("nim_sandbox.versions.version_table", lambda: replace(table, programs={"more": more}))
    provided: list[str] = []
    monkeypatch.setattr("nim_sandbox.tools.provide", lambda _say, names: provided.extend(names))
    started: list[tuple[str, ...]] = []
    monkeypatch.setattr(
        "nim_sandbox.control_plane.ControlPlane.start",
        lambda plane: started.append(tuple(extra.name for extra in plane.extras)),
    )
    monkeypatch.setenv("NIM_SANDBOX_HOME", str(tmp_path))
    assert CliRunner().invoke(main, ["start", "mine"]).exit_code == 0
    assert (provided, started) == ([], [()])
    assert CliRunner().invoke(main, ["start", "mine", "--aws"]).exit_code == 0
    assert (provided, started) == (["more"], [(), ("aws",)])


def test_what_is_no_name_in_a_namespace_is_refused_with_an_example() -> None:
    shown = CliRunner().invoke(main, ["files", "mine", "llama"])
    assert shown.exit_code == 2
    assert "'llama' is not NAMESPACE/CLAIM, such as nim/llama" in shown.output
