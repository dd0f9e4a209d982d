"""The README is true: its commands give the output that it shows, and it names every setting."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel

from stacks.selected import ROOT
from stacks.settings import Settings

README = (ROOT / "README.md").read_text(encoding="utf-8")
SKIPPED = "…"
BLOCKS = [block.splitlines() for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL)]
EXAMPLES = [(first[2:], shown) for first, *shown in BLOCKS if first.startswith("$ nim-profiles") and shown]


def lines_of(command: str) -> list[str]:
    words = [str(Path(sys.executable).with_name("nim-profiles")), *command.split()[1:]]
    wide = {**os.environ, "COLUMNS": "110"}
    done = subprocess.run(words, cwd=ROOT, env=wide, capture_output=True, text=True, check=False, timeout=60)
    return [line.rstrip() for line in (done.stdout + done.stderr).rstrip().splitlines()]


def test_the_three_kinds_of_input_and_a_fit_are_shown() -> None:
    inputs = ("stacks/manifests/", "tests/data/listings/", "show", "fit")
    assert [part for part in inputs if not any(part in command for command, _ in EXAMPLES)] == []


@pytest.mark.parametrize(("command", "shown"), EXAMPLES, ids=[command for command, _ in EXAMPLES])
def test_a_command_gives_the_output_that_the_readme_shows(command: str, shown: list[str]) -> None:
    lines = lines_of(command)
    if shown[-1] == SKIPPED:
        shown, lines = shown[:-1], lines[: len(shown) - 1]
    assert lines == shown


def test_the_picture_is_what_the_command_draws(tmp_path: Path) -> None:
    gpus = " ".join(f"--gpu {gpu}" for gpu in ("T4", "L4", "L40S", "H100"))
    fit = next(command for command, _ in EXAMPLES if command.startswith("nim-profiles fit")).removesuffix("--gpu L4")
    lines_of(f"{fit} {gpus} --svg {tmp_path}/fit.svg")
    assert (tmp_path / "fit.svg").read_text(encoding="utf-8") == (ROOT / "docs/fit.svg").read_text(encoding="utf-8")


def keys(model: type[BaseModel]) -> set[str]:
    """Every key that a stack file may have, of all levels."""
    definitions = Settings.model_json_schema()["$defs"].values()
    return set(model.model_fields) | {key for one in definitions for key in one.get("properties", {})}


@pytest.mark.parametrize("key", sorted(keys(Settings)))
def test_every_setting_is_in_the_readme(key: str) -> None:
    table = README.split("### Settings of a stack file")[1].split("\n## ")[0]
    assert re.search(rf"\b{key}\b", table), f"{key} is not explained"
