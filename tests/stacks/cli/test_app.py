"""The commands behind the Makefile: each is found, and every failure has its exit code."""

import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

from stacks.cli.app import COMMANDS, main


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_about_a_stack_or_all_that_change_and_says_what_it_does(name: str) -> None:
    module, _, attribute = COMMANDS[name].partition(":")
    command = getattr(import_module(module), attribute)
    assert isinstance(command, click.Command)
    assert command.params[0].name == ("base" if name == "previews" else "stack")
    assert command.help


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["place", "nope"], "stacks/Pulumi.nope.yaml: does not exist; stacks here: dev, eks-sandbox, "),
        (["plaice", "local"], "No such command 'plaice'"),
    ],
)
def test_bad_input_ends_with_2_and_says_what_was_wrong(
    words: list[str], told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["stacks", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


def test_a_machine_without_the_engine_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["stacks", "preview", "dev"])
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert capsys.readouterr().err == "pulumi is not on PATH: run `make tools`, or install it\n"
