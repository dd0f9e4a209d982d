"""The wheel of nim-profiles stands on its own: no Pulumi, no other part of this repository."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / "stacks/manifests/llama-3.1-8b-instruct_2.0.6.yaml"


def run(*words: str | Path, folder: Path) -> str:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.engine  # asks a package registry for the build back end and the dependencies
def test_the_wheel_installs_alone_and_its_commands_work(tmp_path: Path) -> None:
    run("uv", "build", "--wheel", "--out-dir", tmp_path, ROOT / "profiles", folder=tmp_path)
    (wheel,) = tmp_path.glob("nim_profiles-*.whl")
    run("uv", "venv", "--python", "3.11", tmp_path / "venv", folder=tmp_path)
    python, program = tmp_path / "venv/bin/python", tmp_path / "venv/bin/nim-profiles"
    run("uv", "pip", "install", "--python", python, wheel, folder=tmp_path)
    installed = run("uv", "pip", "list", "--python", python, folder=tmp_path)
    assert "pulumi" not in installed
    assert "precision          bf16" in run(program, "name", "vllm-bf16-tp1-pp1", folder=tmp_path)
    assert "6 profiles" in run(program, "list", MANIFEST, folder=tmp_path)
    # The data of the catalogue is in the wheel, too.
    assert "vllm-fp8-tp1-pp1-27.0" in run(program, "select", MANIFEST, "--gpu", "L40S", folder=tmp_path)
    words = ["--image", "a:1", "--digest", f"sha256:{'1' * 64}", "--lock", "nim.lock.yaml"]
    assert "with 6 profiles" in run(program, "lock", MANIFEST, *words, folder=tmp_path)
