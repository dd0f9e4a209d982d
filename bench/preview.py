"""Time and memory of a preview against a bare Pulumi program that registers the very same resources.

    python bench/preview.py --endpoints 1,10,100,400 [--repeats 5] [--json]

Bare means what somebody would write who has all manifests already: the SDK's classes, one call a resource, no plan, no
check, no component's code. Both run with the same engine and plugins, in turn. Figures are medians of the repeats, and
the ratio is that of the pairs, so that a machine that grows slower meanwhile counts for both. Memory is the peak of the
engine and all that it started. More than about 480 of these endpoints the engine cannot hand to a program
(stacks/preflight.py). Exit code 1 where the ratio of times is above the target.
"""

import argparse
import dataclasses
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import yaml

# As a script this has its own folder on the path alone, and the program is not installed.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from stacks import on_paper
from stacks.cli import paper
from stacks.deploy import deploy
from stacks.faults import BadStackFile
from stacks.preflight import planned
from stacks.selected import ROOT
from stacks.stack_file import stack_file_name
from tests.recording import Registered, record

TARGET_RATIO = 1.10
STACK = "bench"
SAMPLE_SECONDS = 0.1
IMAGE = (
    "nvcr.io/nim/meta/llama-3.1-8b-instruct:2.0.6"
    "@sha256:31e360dbb15f825d69e5d68c2032e334301523b4957091270385ed7ef3db5e81"
)
FP8 = "c4789f7af56c770c1c88b73da666886365534d6980b6b922b41fd97036c77d73"
BARE = Path(__file__).parent / "preview_bare"


@dataclasses.dataclass(frozen=True, slots=True)
class Taken:
    seconds: float
    mib: float


def stack_file(endpoints: int) -> Mapping[str, Any]:
    """Nodes that exist, so that there is nothing but endpoints."""
    one = {"image": IMAGE, "profile": FP8, "pool": "l40s"}
    return {
        "config": {
            "nim:cluster": {"context": "bench"},
            "nim:needs_ngc_key": False,
            "nim:pools": {"l40s": {"back_end": "existing", "gpu": "NVIDIA-L40S"}},
            "nim:endpoints": {f"endpoint-{number}": one for number in range(endpoints)},
        }
    }


@contextmanager
def files(endpoints: int) -> Iterator[Path]:
    """A folder as a commit's: the stack file and the lock file."""
    with TemporaryDirectory(prefix="nim-bench-") as name:
        root = Path(name)
        (root / "stacks").mkdir()
        (root / stack_file_name(STACK)).write_text(yaml.safe_dump(stack_file(endpoints)), encoding="utf-8")
        (root / "stacks/nim.lock.yaml").write_bytes((ROOT / "stacks/nim.lock.yaml").read_bytes())
        (root / "stacks/manifests").symlink_to(ROOT / "stacks/manifests")
        yield root


def recorded(root: Path) -> list[Registered]:
    """What our program registers, without asking any engine."""
    os.environ[on_paper.FILES] = str(root)
    try:
        return record(lambda: deploy(planned(root, STACK))).resources
    finally:
        del os.environ[on_paper.FILES]


def preview(project: Path, sheet: paper.Paper, more: Mapping[str, str]) -> Taken:
    """Raises CalledProcessError where the engine refuses."""
    words = ["pulumi", "preview", "--stack", STACK, "--non-interactive", *sheet.options]
    began = time.perf_counter()
    with subprocess.Popen(
        words,
        cwd=project,
        env={**sheet.environment, **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as engine:
        peak = Peak(engine.pid)
        output = engine.communicate()[0]
        seconds = time.perf_counter() - began
        mib = peak.stop()
    if engine.returncode:
        raise SystemExit(f"{project}: the preview failed\n{output[-3000:]}")
    return Taken(seconds, mib)


class Peak:
    """Of the memory of a process and all below it."""

    def __init__(self, pid: int) -> None:
        self._pid, self._peak, self._over = pid, 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS):
            self._peak = max(self._peak, resident_bytes(self._pid))

    def stop(self) -> float:
        """MiB."""
        self._over.set()
        self._thread.join()
        return self._peak / 2**20


def resident_bytes(pid: int) -> int:
    """Shared pages count once for each process."""
    parents, sizes = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            _, _, rest = (folder / "stat").read_text(encoding="utf-8").rpartition(") ")
        except OSError:
            continue  # it has ended meanwhile
        fields = rest.split()
        parents[int(folder.name)], sizes[int(folder.name)] = int(fields[1]), int(fields[21])
    below, found = [pid], 0
    while below:
        one = below.pop()
        found += sizes.get(one, 0)
        below += [child for child, parent in parents.items() if parent == one]
    return found * os.sysconf("SC_PAGE_SIZE")


def measure(endpoints: int, repeats: int) -> dict[str, float]:
    with files(endpoints) as root, paper.on(root, STACK) as sheet:
        resources = sheet.folder / "resources.json"
        made = [dataclasses.asdict(one) for one in recorded(root)]
        resources.write_text(json.dumps(made), encoding="utf-8")
        ours, bare = [], []
        for _ in range(repeats):
            ours.append(preview(ROOT, sheet, {}))
            bare.append(preview(BARE, sheet, {"RESOURCES": str(resources)}))
    return {
        "ours_s": round(median(one.seconds for one in ours), 2),
        "bare_s": round(median(one.seconds for one in bare), 2),
        "ratio": round(median(one.seconds / other.seconds for one, other in zip(ours, bare, strict=True)), 3),
        "ours_mib": round(median(one.mib for one in ours)),
        "bare_mib": round(median(one.mib for one in bare)),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--endpoints", default="1,10,100,400", help="how many, with commas between")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = {}
    for count in map(int, given.endpoints.split(",")):
        try:
            found[str(count)] = row = measure(count, given.repeats)
        except BadStackFile as refusal:
            raise SystemExit(f"{count} endpoints: {refusal}") from None
        if not given.json:
            print(f"{count:5} endpoints: ours {row['ours_s']:.2f} s, {row['ours_mib']} MiB; ", end="")
            print(f"bare {row['bare_s']:.2f} s, {row['bare_mib']} MiB; ratio {row['ratio']:.3f}", flush=True)
    if given.json:
        print(json.dumps(found, indent=2))
    return 1 if any(row["ratio"] > TARGET_RATIO for row in found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
