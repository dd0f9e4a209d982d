from pathlib import Path

import pytest

from nim_sandbox.folder import BadSandboxName, sandbox_folder


def test_a_sandbox_lives_below_the_current_folder(tmp_path: Path) -> None:
    assert sandbox_folder("local", cwd=tmp_path, environ={}).root == tmp_path / ".sandbox" / "local"


def test_the_variable_moves_all_sandboxes(tmp_path: Path) -> None:
    environ = {"NIM_SANDBOX_HOME": str(tmp_path / "elsewhere")}
    assert sandbox_folder("local", cwd=tmp_path, environ=environ).root == tmp_path / "elsewhere" / "local"


@pytest.mark.parametrize("name", ["", "..", "a/b", "Local", "-a", "a-", "x" * 41])
def test_a_name_that_is_no_folder_name_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(BadSandboxName, match="is not a sandbox name"):
        sandbox_folder(name, cwd=tmp_path, environ={})


def test_every_path_of_a_sandbox_is_inside_its_folder(tmp_path: Path) -> None:
    folder = sandbox_folder("local", cwd=tmp_path, environ={})
    paths = [getattr(folder, name) for name, value in vars(type(folder)).items() if isinstance(value, property)]
    assert len(paths) > 5
    assert all(path.is_relative_to(folder.root) for path in paths)
