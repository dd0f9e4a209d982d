"""docs/launcher.md says what the code does, all of it and nothing else."""

import re
from pathlib import Path

from nim_launcher.cli import COMMANDS
from nim_launcher.lifecycle import SETTLE_SECONDS, SPREAD_SECONDS
from nim_launcher.metadata_middleware import ALIASES
from nim_launcher.refusal import ExitCode
from nim_launcher.variables import OWN, SWITCHES, VALUES
from nim_profiles.vllm_args import Layer, merge, options_for, parse, table
from tests.launcher.test_zip_application import STATED_KIB

TEXT = (Path(__file__).parents[2] / "docs" / "launcher.md").read_text()


def rows(heading: str) -> list[list[str]]:
    """Cells of the tables under a heading, without their own headings."""
    section = TEXT.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return [row for row in cells if row[0] not in {"Command", "Variable", "Exit", "When"}]


def test_every_exit_code_is_there_with_its_word() -> None:
    told = [(int(row[0]), row[1]) for row in rows("Refusals and exit codes")]
    assert told == [(int(code), f"`{code.word}`") for code in sorted(ExitCode)]


def test_every_command_is_there() -> None:
    words = {word for row in rows("Commands") for word in re.findall(r"`([a-z-]+)`", " ".join(row))}
    assert set(COMMANDS) <= words


def test_every_variable_is_there_with_what_it_does() -> None:
    told = [
        (row[0].strip("`"), row[1].strip("`") if row[1].startswith("`--") else row[1])
        for row in rows("Environment variables")
    ]
    assert told == [*OWN.items(), *VALUES.items(), *SWITCHES.items()]


def test_the_table_looks_as_shown() -> None:
    options = options_for("0.32.0")
    layers = [
        Layer(origin, tuple(parse(words, options).settings))
        for origin, words in (
            ("profile", ["--tensor-parallel-size=1", "--dtype=bfloat16", "--max-model-len=256"]),
            ("argument", ["--max-model-len=300", "--api-key=x"]),
        )
    ]
    shown = TEXT.partition("```\n")[2].partition("```")[0]
    made = [" ".join(f"nim-launcher: {line}".split()) for line in table(merge(layers)).splitlines()]
    assert [" ".join(line.split()) for line in shown.splitlines()] == made


def test_the_paths_of_the_middleware_are_there() -> None:
    assert all(f"`{path}`" in TEXT for path in [*ALIASES, "/v1/metadata"])


def test_numbers_are_those_of_the_code() -> None:
    assert f"writes {STATED_KIB} KiB" in TEXT
    assert f"drain, {SETTLE_SECONDS} s to end, {SPREAD_SECONDS:.0f} s for the hook" in TEXT
