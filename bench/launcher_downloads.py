"""Kills `download-to-cache` at many points, runs it again, and looks whether the cache is whole.

    uv run python bench/launcher_downloads.py [--kills 50] [--json]

Half of the kills come after so many bytes from an HTTP mirror, half before the n-th step that touches the file system
(counted by Python's audit events: open, rename, mkdir, truncate, remove).
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from nim_launcher.workspace import workspace_folder
from nim_profiles.manifest import Manifest, write_manifest
from nim_profiles.profile import Profile
from tests.launcher.mirror import BLOCK_BYTES, mirror
from tests.launcher.test_download import SIZES, assert_whole, of_files, write_files

STEPS = """\
import os, signal, sys
left = int(sys.argv.pop(1))
def count(event, args):
    global left
    if event in {"os.rename", "os.mkdir", "os.remove", "os.truncate", "shutil.rmtree", "fcntl.flock"} or (
        event == "open" and "cache" in str(args[0])
    ):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(count)
from nim_launcher.cli import main
main()
"""


def command(url: str) -> list[str]:
    return ["download-to-cache", "--all", "--source", url]


def killed_by_bytes(files: Path, environ: Mapping[str, str], after_bytes: int) -> bool:
    running: list[subprocess.Popen[bytes]] = []

    def kill(sent: int) -> None:
        if sent >= after_bytes and running[0].poll() is None:
            running[0].send_signal(signal.SIGKILL)
            running[0].wait()

    with mirror(files, kill) as web:
        words = [sys.executable, "-m", "nim_launcher", *command(web.url)]
        running.append(subprocess.Popen(words, env=environ, stderr=subprocess.DEVNULL))
        return running[0].wait(timeout=60) == -signal.SIGKILL


def killed_by_steps(files: Path, environ: Mapping[str, str], steps: int) -> bool:
    words = [sys.executable, "-c", STEPS, str(steps), *command(str(files))]
    done = subprocess.run(words, env=environ, stderr=subprocess.DEVNULL, check=False)
    assert done.returncode in {0, -signal.SIGKILL}, done.returncode
    return done.returncode == -signal.SIGKILL


def only_whole_files(cache: Path, of: Profile, files: Path) -> bool:
    there = [(workspace_folder(cache, of) / name, files / name) for name in SIZES]
    return all(not mine.exists() or mine.read_bytes() == theirs.read_bytes() for mine, theirs in there)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    half = given.kills // 2
    total = sum(SIZES.values()) - BLOCK_BYTES
    points = [("bytes", total * index // half) for index in range(half)]
    points += [("steps", index) for index in range(given.kills - half)]
    killed = whole = 0
    for kind, point in points:
        with tempfile.TemporaryDirectory() as name:
            files, cache = Path(name) / "files", Path(name) / "cache"
            write_files(files)
            of = of_files(files)
            manifest = Path(name) / "model_manifest.yaml"
            manifest.write_text(write_manifest(Manifest("2.1", "m", "1", (of,))))
            environ = {**os.environ, "NIM_LAUNCHER_MANIFEST": str(manifest), "NIM_CACHE_PATH": str(cache)}
            kill = killed_by_bytes if kind == "bytes" else killed_by_steps
            killed += kill(files, environ, point)
            assert only_whole_files(cache, of, files), f"half a file under its name, killed at {point} {kind}"
            again = [sys.executable, "-m", "nim_launcher", *command(str(files))]
            subprocess.run(again, env=environ, check=True, capture_output=True)
            assert_whole(cache, of, files)
            whole += 1
    figures = {"points": len(points), "killed": killed, "whole": whole}
    print(json.dumps(figures) if given.json else f"{killed} of {len(points)} killed in time, {whole} whole afterwards")
    return 0


if __name__ == "__main__":
    sys.exit(main())
