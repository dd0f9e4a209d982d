import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from nim_sandbox import process


@pytest.fixture
def sleeper(tmp_path: Path) -> process.ProcessRecord:
    return process.start(["/bin/sleep", "60"], record=tmp_path / "record", log=tmp_path / "log")


def test_a_started_process_records_itself_and_ends_when_stopped(sleeper: process.ProcessRecord, tmp_path: Path) -> None:
    assert process.read_record(tmp_path / "record") == sleeper
    assert process.alive(sleeper)
    process.stop(sleeper, grace_seconds=5)
    assert not process.alive(sleeper)
    assert not Path(f"/proc/{sleeper.pid}").exists()


def test_it_runs_in_a_session_of_its_own(sleeper: process.ProcessRecord) -> None:
    assert os.getsid(sleeper.pid) == sleeper.pid
    process.stop(sleeper, grace_seconds=5)


@pytest.mark.parametrize("change", [{"start_ticks": 1}, {"boot_id": "another-boot"}])
def test_a_recycled_id_is_another_process_and_is_left_alone(
    sleeper: process.ProcessRecord, change: dict[str, int | str]
) -> None:
    earlier = replace(sleeper, **change)  # type: ignore[arg-type]  # one field each, of its own type
    assert not process.alive(earlier)
    process.stop(earlier, grace_seconds=0.1)
    assert process.alive(sleeper)
    process.stop(sleeper, grace_seconds=5)


def test_a_process_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    stubborn = process.start(
        ["/bin/sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 0.05; done"],
        record=tmp_path / "record",
        log=tmp_path / "log",
    )
    while "deaf" not in (tmp_path / "log").read_text():
        time.sleep(0.01)
    process.stop(stubborn, grace_seconds=0.2)
    assert not process.alive(stubborn)


def test_a_program_that_is_not_there_ends_at_once_with_the_reason_in_its_log(tmp_path: Path) -> None:
    record = process.start([str(tmp_path / "absent")], record=tmp_path / "record", log=tmp_path / "log")
    deadline = time.monotonic() + 5
    while process.alive(record) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not process.alive(record)
    assert "not found" in (tmp_path / "log").read_text()


def test_a_record_that_was_cut_short_is_no_record(tmp_path: Path) -> None:
    (tmp_path / "record").write_text("boot\n")
    assert process.read_record(tmp_path / "record") is None
    assert process.read_record(tmp_path / "absent") is None


def test_a_process_outlives_its_killed_starter_and_is_stopped_by_its_record(tmp_path: Path) -> None:
    script = (
        "import os, signal, pathlib; from nim_sandbox import process; here = pathlib.Path(os.environ['HERE']);"
        "process.start(['/bin/sleep', '60'], record=here / 'record', log=here / 'log');"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    starter = subprocess.run([sys.executable, "-c", script], env={**os.environ, "HERE": str(tmp_path)}, check=False)
    assert starter.returncode == -signal.SIGKILL
    record = process.read_record(tmp_path / "record")
    assert record is not None
    assert process.alive(record)
    process.stop(record, grace_seconds=5)
    assert not process.alive(record)
