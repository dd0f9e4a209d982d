from pathlib import Path

import pytest

from nim_sandbox.node import cgroups


@pytest.fixture
def mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("nim_sandbox.node.cgroups.MOUNTED", tmp_path)
    return tmp_path


def test_of_version_1_there_is_one_in_every_hierarchy(mounted: Path) -> None:
    for hierarchy in ("memory", "pids", "not-one"):
        (mounted / hierarchy).mkdir()
    for hierarchy in ("memory", "pids"):
        (mounted / hierarchy / "cgroup.procs").touch()
    cgroups.make("mine")
    assert sorted(path.relative_to(mounted).as_posix() for path in mounted.rglob("mine")) == [
        "memory/mine",
        "pids/mine",
    ]


def test_of_version_1_pods_weigh_more_than_one_process(mounted: Path) -> None:
    (mounted / "cpu/mine").mkdir(parents=True)
    (mounted / "cpu/cgroup.procs").touch()
    (mounted / "cpu/mine/cpu.shares").write_text("1024")
    cgroups.make("mine")
    assert (mounted / "cpu/mine/cpu.shares").read_text() == "16384"


def test_of_version_2_there_is_one_and_it_goes_with_all_below_it_and_nothing_beside_it(mounted: Path) -> None:
    (mounted / "cgroup.controllers").touch()
    cgroups.make("mine")
    cgroups.make("other")
    (mounted / "mine/kubepods/pod1").mkdir(parents=True)
    cgroups.remove("mine")
    assert sorted(path.name for path in mounted.iterdir()) == ["cgroup.controllers", "other"]


def test_removing_what_is_not_there_is_nothing(mounted: Path) -> None:
    (mounted / "cgroup.controllers").touch()
    cgroups.remove("mine")


def test_one_that_somebody_else_removes_just_then_is_gone(mounted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (mounted / "cgroup.controllers").touch()
    cgroups.make("mine")

    real_rmdir = Path.rmdir

    def removed_meanwhile(folder: Path) -> None:
        real_rmdir(folder)
        raise FileNotFoundError(folder)

    monkeypatch.setattr(Path, "rmdir", removed_meanwhile)
    cgroups.remove("mine")
    assert not (mounted / "mine").exists()


def test_a_cgroup_that_is_in_use_is_reported_after_a_while(mounted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nim_sandbox.node.cgroups.SECONDS", 0.1)
    (mounted / "cgroup.controllers").touch()
    cgroups.make("mine")
    (mounted / "mine/busy").touch()  # stands for a process: a folder with a file in it cannot be removed either
    with pytest.raises(OSError, match="not empty"):
        cgroups.remove("mine")
