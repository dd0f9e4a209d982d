"""docs/adoption.md says what the program does."""

import re
from pathlib import Path

import pytest

from nim_profiles.cli.app import main
from stacks.settings import Adopt

ROOT = Path(__file__).parents[1]
DOCS = (ROOT / "docs/adoption.md").read_text(encoding="utf-8")


def test_the_example_is_what_the_command_prints(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    assert main(["adopt", "tests/data/adoption/by-hand.yaml"]) == 0
    printed = capsys.readouterr()
    example = re.search(r"\$ nim-profiles adopt [^\n]*\n(.*?)```", DOCS, re.DOTALL)
    assert example is not None
    assert example[1] == printed.out + printed.err


def test_every_key_of_the_block_is_explained() -> None:
    table = re.findall(r"^\| `(\w+)` \| (?!an|the endpoint|its name)", DOCS, re.MULTILINE)
    assert set(Adopt.model_fields) <= set(table)


def test_the_targets_of_make_are_there() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"make ([a-z]+) STACK", DOCS)) <= targets
