import os
import shutil
from pathlib import Path

import pytest

from nim_sandbox.node import requirements


@pytest.fixture(autouse=True)
def good_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory/cgroup.procs").touch()
    monkeypatch.setattr("nim_sandbox.node.requirements.MOUNTED", tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda program: f"/sbin/{program}")


def test_a_good_machine_has_nothing_against_it() -> None:
    assert requirements.objection() is None


def test_another_system_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    assert requirements.objection() == (
        "a real node needs Linux, and this is darwin: "
        "use a Linux machine, or use a cluster that exists: docs/real-node.md"
    )


def test_other_users_than_root_are_told_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "root alone may: run this as root" in (requirements.objection() or "")


def test_a_machine_without_cgroups_is_told_so(tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "memory")
    assert "needs cgroups" in (requirements.objection() or "")


def test_a_missing_program_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _program: None)
    assert "install iproute2" in (requirements.objection() or "")
