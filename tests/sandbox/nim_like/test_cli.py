import sys

import pytest

from nim_sandbox.images import nim
from nim_sandbox.nim_like import cli
from tests.sandbox.nim_like.made import Made

FP8 = nim.manifest(2).profiles[0]


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(cli, "run", lambda command, words: found.append((command, words)))
    return found


@pytest.mark.parametrize(
    ("line", "command"),
    [
        (["/opt/nim/start_server.sh"], ("nim-serve", [])),
        (["/opt/nim/start_server.sh", "--max-model-len", "64"], ("nim-serve", ["--max-model-len", "64"])),
        (["/opt/nim/start_server.sh", "download-to-cache", "--all"], ("download-to-cache", ["--all"])),
        (["/usr/local/bin/list-model-profiles"], ("list-model-profiles", [])),
    ],
)
def test_a_command_is_named_by_the_program_or_by_its_first_word(
    line: list[str], command: tuple[str, list[str]], ran: list[tuple[str, list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", line)
    cli.main()
    assert ran == [command]


@pytest.mark.parametrize(
    ("environ", "printed"),
    [
        ({"NIM_LIKE_GENERATION": "1"}, "INFO Selected profile: x\n"),
        ({"NIM_LIKE_GENERATION": "2"}, ""),
        ({"NIM_LIKE_GENERATION": "2", "NIM_LOG_LEVEL": "INFO"}, "INFO Selected profile: x\n"),
    ],
)
def test_2_x_keeps_the_selection_to_itself_unless_asked(
    environ: dict[str, str], printed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    cli.log("Selected profile: x")
    assert capsys.readouterr().out == printed


def test_the_banner_says_what_is_served(container: Made) -> None:
    assert cli.banner(container(), FP8).splitlines()[1:] == [
        "Model: tiny/llama",
        "Precision: fp8",
        "TP/PP: 1/1",
        "Port: 8000",
    ]
