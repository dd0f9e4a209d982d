"""`make adopt` writes into a stack file only what passes as a whole."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from nim_profiles.adoption import Adoption, adopt, read_objects
from nim_profiles.lock import Lock
from stacks.cli import adopt as command
from stacks.faults import BadStackFile
from stacks.planning import LOCK_FILE
from stacks.selected import ROOT

DATA = ROOT / "tests/data/adoption"
TEXT = """\
# ours
config:
  nim:cluster:
    context: mine
  nim:ngcApiKey:
    secure: v1:x
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "stacks").mkdir()
    shutil.copytree(ROOT / "stacks/manifests", tmp_path / "stacks/manifests")
    shutil.copy(ROOT / LOCK_FILE, tmp_path / LOCK_FILE)
    (tmp_path / "stacks/Pulumi.team.yaml").write_text(TEXT, encoding="utf-8")
    monkeypatch.setattr(command, "ROOT", tmp_path)
    return tmp_path


def found(name: str) -> Adoption:
    return adopt(read_objects((DATA / f"{name}.yaml").read_text(encoding="utf-8"), name), Lock.read(ROOT / LOCK_FILE))


def test_an_entry_that_passes_is_written_and_what_is_left_is_told(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command.write("team", found("by-hand"))
    written = (root / "stacks/Pulumi.team.yaml").read_text(encoding="utf-8")
    assert written.startswith(TEXT)
    assert "  nim:endpoints:\n    llama3-chat:\n      image: " in written
    assert "left out: Deployment llama3-chat: spec.imagePullSecrets" in capsys.readouterr().err


def test_an_entry_that_is_refused_leaves_the_file_as_it_was(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(BadStackFile) as refused:
        command.write("team", found("nim-llm-chart"))
    assert "nim:endpoints.chat.profile" in str(refused.value)
    assert (root / "stacks/Pulumi.team.yaml").read_text(encoding="utf-8") == TEXT
    assert "that id belongs here" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "FILE: No such file or directory"), (b"\xff\xfe", "FILE: is no UTF-8 text: byte 0 is 0xff")],
)
def test_a_file_that_cannot_be_read_is_told_in_one_line(root: Path, content: bytes | None, told: str) -> None:
    file = root / "objects.yaml"
    if content is not None:
        file.write_bytes(content)
    done = CliRunner().invoke(command.command, ["team", str(file)])
    assert done.exit_code == 2
    assert done.output.splitlines()[-1] == f"Error: {told.replace('FILE', str(file))}"


def test_a_file_without_objects_is_told_in_one_line(root: Path) -> None:
    (root / "empty.yaml").write_text("", encoding="utf-8")
    done = CliRunner().invoke(command.command, ["team", str(root / "empty.yaml")])
    assert done.exit_code == 2
    assert "holds no object" in done.output
