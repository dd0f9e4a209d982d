"""`nim-profiles adopt`: words on standard output, reasons on standard error."""

import json
from pathlib import Path

import pytest
import yaml

from nim_profiles.cli.app import main

ROOT = Path(__file__).parents[2]
BY_HAND = ROOT / "tests/data/adoption/by-hand.yaml"
LOCK = ROOT / "stacks/nim.lock.yaml"


def test_the_words_of_a_stack_file_and_the_reasons_come_apart(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adopt", str(BY_HAND), "--lock", str(LOCK)]) == 0
    printed = capsys.readouterr()
    assert [*yaml.safe_load(printed.out)["config"]] == ["nim:namespace", "nim:pools", "nim:endpoints"]
    assert all(line.startswith("left out: Deployment llama3-chat: ") for line in printed.err.splitlines())


def test_programs_get_the_same_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adopt", str(BY_HAND), "--lock", str(LOCK), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["endpoints"]["llama3-chat"]["adopt"]["claim"] == "nim-cache"
    assert document["left"][0].keys() == {"where", "reason"}


def test_a_file_without_objects_is_bad_input(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("", encoding="utf-8")
    assert main(["adopt", str(tmp_path / "empty.yaml"), "--lock", str(LOCK)]) == 2
    assert "holds no object" in capsys.readouterr().err
