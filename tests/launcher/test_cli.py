import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nim_launcher.cli import COMMANDS, USAGE, run
from nim_launcher.refusal import ExitCode, Refused
from nim_profiles.profile import Profile
from nim_sandbox.images.tiny_llama import write_model, write_tiny_manifest


@pytest.fixture
def pinned(tmp_path: Path) -> Profile:
    write_model(tmp_path / "mirror")
    return write_tiny_manifest(tmp_path / "model_manifest.yaml", tmp_path / "mirror")[0]


@pytest.fixture
def environ(tmp_path: Path, pinned: Profile) -> dict[str, str]:
    return {
        "NIM_LAUNCHER_MANIFEST": str(tmp_path / "model_manifest.yaml"),
        "NIM_CACHE_PATH": str(tmp_path / "cache"),
        "NIM_MODEL_PROFILE": pinned.id,
        "NIM_REPOSITORY_OVERRIDE": str(tmp_path / "mirror"),
    }


def test_every_command_is_in_the_usage() -> None:
    assert all(command in USAGE for command in COMMANDS if command != "nim-serve")


def test_an_unknown_command_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        run(["serv"], {})
    assert refused.value.code is ExitCode.SETTING


def test_a_wrong_option_of_a_command_of_ours_is_refused(environ: dict[str, str]) -> None:
    with pytest.raises(Refused) as refused:
        run(["download-to-cache", "--everything"], environ)
    assert refused.value.code is ExitCode.SETTING


def test_a_pinned_profile_is_downloaded_without_a_gpu(environ: dict[str, str], tmp_path: Path) -> None:
    assert run(["download-to-cache"], environ) == 0
    assert (tmp_path / "cache" / "workspaces" / ("ab" * 32) / "model.safetensors").is_file()


@pytest.mark.parametrize("words", [["--all"], ["--profile", "vllm-cpu-bf16-tp1-pp1"], ["-p", "vllm-cpu-fp32-tp1-pp1"]])
def test_profiles_are_downloaded_by_name_or_all(environ: dict[str, str], tmp_path: Path, words: list[str]) -> None:
    assert run(["download-to-cache", *words], environ) == 0
    assert (tmp_path / "cache" / "workspaces" / ("ab" * 32) / "config.json").is_file()


def test_default_is_nothing_to_download_as_in_nims_images(environ: dict[str, str]) -> None:
    with pytest.raises(Refused) as refused:
        run(["download-to-cache", "--profile", "default"], environ)
    assert refused.value.code is ExitCode.PROFILE


def test_metadata_name_the_pinned_profile(
    environ: dict[str, str], pinned: Profile, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["metadata"], environ) == 0
    assert json.loads(capsys.readouterr().out)["profile_id"] == pinned.id


def test_a_refusal_is_one_line_on_stderr_and_its_exit_code() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nim_launcher", "list-model-profiles"],
        env={**os.environ, "NIM_LAUNCHER_MANIFEST": "/nowhere/m.yaml"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == ExitCode.MANIFEST
    assert (done.stdout, done.stderr) == (
        "",
        "nim-launcher: [manifest, exit 71] /nowhere/m.yaml cannot be read: No such file or directory. Mount the "
        "manifest there, or set NIM_LAUNCHER_MANIFEST\n",
    )


def test_a_reader_that_has_read_enough_is_no_error(environ: dict[str, str]) -> None:
    listing = subprocess.Popen(
        [sys.executable, "-m", "nim_launcher", "list-model-profiles"],
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert listing.stdout is not None
    assert listing.stderr is not None
    listing.stdout.close()
    with listing.stderr:
        assert (listing.stderr.read(), listing.wait()) == (b"", 0)


def test_no_two_refusals_share_a_code_and_none_is_vllms_or_a_shells() -> None:
    codes = [int(code) for code in ExitCode]
    assert len(set(codes)) == len(ExitCode.__members__)
    assert all(2 < code < 126 for code in codes)
