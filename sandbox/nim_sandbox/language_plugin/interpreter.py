"""Which Python runs a program: the one that the runtime options in Pulumi.yaml name, else our own."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

TOOLCHAIN_FOLDERS = {"uv": ".venv", "poetry": ".venv", "pip": "venv"}
"""The virtual environment that a toolchain makes where the options name none (docs of `pulumi install`, 2026-10)."""


class NoInterpreter(Exception):
    """The options name a virtual environment in which there is no Python."""


def interpreter(options: Mapping[str, object], root: Path) -> Path:
    """The Python for a program below `root`.

    `virtualenv` is taken by its word, relative to `root`, and must exist. Without it the environment that
    `toolchain` makes is looked for in `root` and the folders above; where there is none, our own Python runs
    the program. Raises NoInterpreter.
    """
    named = options.get("virtualenv")
    if isinstance(named, str) and named:
        python = python_of(root / named)
        if python is None:
            raise NoInterpreter(
                f"{root / 'Pulumi.yaml'}: runtime.options.virtualenv is {named!r}, but {root / named} holds no Python. "
                f"Make it with `uv venv {named}`, or name another folder."
            )
        return python
    toolchain = options.get("toolchain")
    folder = TOOLCHAIN_FOLDERS.get(toolchain) if isinstance(toolchain, str) else None
    if folder is not None:
        for above in (root, *root.parents):
            if python := python_of(above / folder):
                return python
    return Path(sys.executable)


def python_of(environment: Path) -> Path | None:
    for name in ("bin/python", "Scripts/python.exe"):
        if (environment / name).exists():
            return environment / name
    return None


def environment_of(python: Path) -> dict[str, str]:
    """Our environment as it is inside `python`'s virtual environment, so that its programs are found first."""
    env = dict(os.environ, PYTHONUNBUFFERED="1")
    if (python.parent.parent / "pyvenv.cfg").exists():
        env["VIRTUAL_ENV"] = str(python.parent.parent)
        env["PATH"] = os.pathsep.join([str(python.parent), env.get("PATH", os.defpath)])
        env.pop("PYTHONHOME", None)
    return env
