from pathlib import Path

import pytest

from nim_sandbox.build import BuildFailed, find_go, run_with_progress
from nim_sandbox.cache import Cache
from nim_sandbox.versions import version_table


def test_a_failed_build_shows_the_last_thing_that_was_said(tmp_path: Path) -> None:
    script = "for i in $(seq 100); do echo line $i; done; exit 3"
    with pytest.raises(BuildFailed) as failed:
        run_with_progress(["sh", "-c", script], {}, tmp_path, "etcd", print)
    lines = str(failed.value).splitlines()
    assert lines[0].startswith("etcd: ")
    assert lines[0].endswith("ended with 3. Its last lines:")
    assert lines[1:] == [f"  | line {i}" for i in range(81, 101)]


def test_long_work_gives_signs_of_life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nim_sandbox.build.QUIET_INTERVAL_SECONDS", 1.0)
    said: list[str] = []
    run_with_progress(["sleep", "2.5"], {}, tmp_path, "etcd", said.append)
    assert said[0] == "etcd: still at it, 00:01"


@pytest.mark.parametrize(("version", "used"), [("go1.26.0", "that"), ("go1.27rc1", "that"), ("go1.25.9", "cached")])
def test_go_from_path_is_used_if_it_is_new_enough(
    version: str, used: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_path = tmp_path / "bin" / "go"
    on_path.parent.mkdir()
    on_path.write_text(f"#!/bin/sh\necho {version}\n")
    on_path.chmod(0o755)
    cached = tmp_path / "cache" / "go" / version_table().go_package.partition("==")[2] / "go"
    cached.parent.mkdir(parents=True)
    cached.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(on_path.parent), prepend=":")
    found = find_go(version_table(), Cache(tmp_path / "cache"), print)
    assert found == {"that": on_path, "cached": cached}[used]
