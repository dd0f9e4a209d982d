from pathlib import Path

from nim_sandbox.images.tree import File, Folder, Link, tree_of


def test_a_folder_becomes_paths_with_one_bit_of_mode(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir(mode=0o700)
    (tmp_path / "bin/tool").touch(mode=0o4750)
    (tmp_path / "data").touch(mode=0o600)
    (tmp_path / "lib").symlink_to("usr/lib")
    assert tree_of(tmp_path, "opt") == {
        "opt": Folder(),
        "opt/bin": Folder(),
        "opt/bin/tool": File(tmp_path / "bin/tool", 0o755),
        "opt/data": File(tmp_path / "data", 0o644),
        "opt/lib": Link("usr/lib"),
    }


def test_a_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "usr/lib").mkdir(parents=True)
    (tmp_path / "lib").symlink_to("usr/lib")
    assert tree_of(tmp_path)["lib"] == Link("usr/lib")
