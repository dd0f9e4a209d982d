"""Processes that outlive their starter: started in a session of their own, recorded by themselves, ended by record.

A recorded id is trusted only while it still is that process: the kernel uses ids again. Linux only.
"""

import os
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

RECORD_THEN_EXEC = 'read -r stat </proc/self/stat && printf "%s\\n%s\\n" "$2" "$stat" >"$1" && shift 2 && exec "$@"'
"""The process writes its own record and only then becomes the program, so that no kill of the starter, however
timed, leaves a process that nobody has recorded. `read` and `printf` are built into the shell: no further process."""


@dataclass(frozen=True, slots=True)
class ProcessRecord:
    """One process, once and for all: the start time tells it from a later process with the same id.

    The program's path is left out on purpose: a program on PATH may be a shim that becomes another one.
    """

    pid: int
    start_ticks: int
    """Clock ticks between the machine's boot and the start of the process, field 22 of /proc/<pid>/stat."""
    boot_id: str


def _state_and_start_ticks(stat: str) -> tuple[str, int]:
    """From a line of /proc/<pid>/stat; the name in brackets may itself hold spaces and brackets."""
    fields = stat.rpartition(")")[2].split()
    return fields[0], int(fields[19])


def boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def read_record(path: Path) -> ProcessRecord | None:
    """None for a file that is absent or was cut short, as by a full disk."""
    try:
        boot, stat = path.read_text(encoding="utf-8").splitlines()
        return ProcessRecord(int(stat.split(maxsplit=1)[0]), _state_and_start_ticks(stat)[1], boot)
    except (FileNotFoundError, ValueError, IndexError):
        return None


def alive(record: ProcessRecord) -> bool:
    """Whether that very process still runs; one that has ended but was not yet collected does not."""
    _collect(record.pid)
    try:
        stat = Path(f"/proc/{record.pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    state, start_ticks = _state_and_start_ticks(stat)
    return state not in "ZX" and start_ticks == record.start_ticks and boot_id() == record.boot_id


def _collect(pid: int) -> None:
    """Takes the exit status of a child of this very process, so that it does not stay behind as a zombie."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def start(
    argv: Sequence[str], *, record: Path, log: Path, environment: Mapping[str, str] = MappingProxyType({})
) -> ProcessRecord:
    """Starts `argv` in a session of its own, both outputs appended to `log`; returns what it wrote to `record`.

    `environment` comes on top of our own.

    Not `subprocess`: its objects insist on being waited for, and these processes are meant to outlive us.
    """
    record.unlink(missing_ok=True)
    pid = os.posix_spawn(
        "/bin/sh",
        ["sh", "-c", RECORD_THEN_EXEC, "sh", str(record), boot_id(), *argv],
        {**os.environ, **environment},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if (recorded := read_record(record)) is not None and recorded.pid == pid:
            return recorded
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)
    _collect(pid)
    raise OSError(f"{argv[0]} did not start: its shell wrote no record to {record} within 10 s")


def stop(record: ProcessRecord, *, grace_seconds: float) -> None:
    """Asks the process to end, waits, then kills it; returns once it is gone. Does nothing to any other process."""
    for number, patience_seconds in ((signal.SIGTERM, grace_seconds), (signal.SIGKILL, 10.0)):
        if not alive(record):
            return
        try:
            os.kill(record.pid, number)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + patience_seconds
        while time.monotonic() < deadline:
            if not alive(record):
                return
            time.sleep(0.02)
    raise TimeoutError(f"process {record.pid} did not end, not even killed")
