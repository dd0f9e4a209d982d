from dataclasses import replace
from pathlib import Path

import pytest

from nim_launcher.refusal import ExitCode, Refused
from nim_launcher.workspace import model_of, workspace_folder
from nim_profiles.profile import Artifact
from tests.launcher.samples import profile

FILES = tuple(Artifact(name, "x", size_bytes=3) for name in ("a", "b/c", "d", "e", "f"))
WITH_FILES = replace(profile(), artifacts=FILES)


def test_profiles_of_one_workspace_share_a_folder() -> None:
    one, other = (replace(WITH_FILES, id=i * 64, workspace_hash="ab" * 32) for i in "12")
    assert (
        workspace_folder(Path("/c"), one) == workspace_folder(Path("/c"), other) == Path("/c/workspaces") / ("ab" * 32)
    )


@pytest.mark.parametrize("hash_", [None, "../up", ""])
def test_without_a_usable_hash_the_id_names_the_folder(hash_: str | None) -> None:
    assert workspace_folder(Path("/c"), replace(WITH_FILES, workspace_hash=hash_)).name == WITH_FILES.id


def test_an_incomplete_cache_is_refused_with_what_lacks_and_the_command(tmp_path: Path) -> None:
    folder = workspace_folder(tmp_path, WITH_FILES)
    (folder / "b").mkdir(parents=True)
    (folder / "b" / "c").write_text("123")
    (folder / "a").write_text("1")
    with pytest.raises(Refused) as refused:
        model_of(WITH_FILES, tmp_path, None)
    assert refused.value.code is ExitCode.WEIGHTS
    assert refused.value.faults[0].line == (
        f"{folder} lacks 4 of 5 files: a (1 of 3 bytes), d, e and 1 more. "
        f"Run download-to-cache --profile {WITH_FILES.id} first, or set NIM_MODEL_PATH"
    )


def test_a_complete_cache_is_the_model(tmp_path: Path) -> None:
    folder = workspace_folder(tmp_path, WITH_FILES)
    (folder / "b").mkdir(parents=True)
    for file in FILES:
        (folder / file.path).write_text("123")
    assert model_of(WITH_FILES, tmp_path, None) == str(folder)
    assert model_of(WITH_FILES, tmp_path, "/mine") == "/mine"


def test_a_profile_without_files_needs_a_path(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        model_of(profile(), tmp_path, None)
    assert refused.value.code is ExitCode.WEIGHTS
