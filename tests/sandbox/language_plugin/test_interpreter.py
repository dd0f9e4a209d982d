import sys
from pathlib import Path

import pytest

from nim_sandbox.language_plugin.interpreter import NoInterpreter, environment_of, interpreter


def environment(folder: Path) -> Path:
    python = folder / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    (folder / "pyvenv.cfg").touch()
    return python


def test_a_named_virtual_environment_is_taken(tmp_path: Path) -> None:
    python = environment(tmp_path / "mine")
    environment(tmp_path / ".venv")
    assert interpreter({"virtualenv": "mine", "toolchain": "uv"}, tmp_path) == python
    assert interpreter({"virtualenv": str(tmp_path / "mine")}, tmp_path / "elsewhere") == python


def test_a_named_virtual_environment_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoInterpreter, match=r"runtime.options.virtualenv is 'gone', but .* holds no Python"):
        interpreter({"virtualenv": "gone"}, tmp_path)


def test_uv_brings_its_environment_also_from_the_workspace_above(tmp_path: Path) -> None:
    python = environment(tmp_path / ".venv")
    assert interpreter({"toolchain": "uv"}, tmp_path) == python
    assert interpreter({"toolchain": "uv"}, tmp_path / "member") == python


def test_without_an_environment_our_own_python_runs_the_program(tmp_path: Path) -> None:
    assert interpreter({"toolchain": "uv"}, tmp_path) == Path(sys.executable)
    assert interpreter({}, tmp_path) == Path(sys.executable)


def test_programs_of_the_environment_come_first_on_the_path(tmp_path: Path) -> None:
    python = environment(tmp_path)
    made = environment_of(python)
    assert made["PATH"].startswith(f"{python.parent}:")
    assert made["VIRTUAL_ENV"] == str(tmp_path)
