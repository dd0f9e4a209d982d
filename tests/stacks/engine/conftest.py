"""A copy of the project with a sandbox of its own, driven as a person would: through `make`'s own commands."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from stacks.selected import ROOT

STACK = "local"
LLAMA = (
    "nvcr.io/nim/meta/llama-3.1-8b-instruct:2.0.6"
    "@sha256:31e360dbb15f825d69e5d68c2032e334301523b4957091270385ed7ef3db5e81"
)
FP8 = "c4789f7af56c770c1c88b73da666886365534d6980b6b922b41fd97036c77d73"
FP8_LORA = "4d9fed9cb9fa4c5694b793a6421b62077b812e4e0326a10032b948cc9ddc0712"
BF16 = "092ed4213624e774d24cdaf84e3b6222839bab2008a21d3c214ab46626366f90"


@dataclass(frozen=True)
class Result:
    code: int
    output: str
    """Standard output and error, as a person sees them."""


@dataclass
class Project:
    """One checkout; its sandbox is started by its first `up`."""

    root: Path
    stack: str = STACK
    pristine: bool = False
    """Whether the small stack is up and nothing was done to it since."""

    @property
    def stack_file(self) -> Path:
        return self.root / f"stacks/Pulumi.{self.stack}.yaml"

    @property
    def sandbox(self) -> Path:
        return self.root / ".sandbox" / self.stack

    def environment(self) -> dict[str, str]:
        """Nothing of the caller's own Pulumi or Kubernetes; the virtual environment first on PATH.

        PULUMI_DEBUG_COMMANDS gives the engine its `--event-log`.
        """
        mine = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI", "KUBE", "NIM_"))}
        return {
            **mine,
            "PATH": f"{Path(sys.executable).parent}:{mine['PATH']}",
            "NO_COLOR": "1",
            "PULUMI_DEBUG_COMMANDS": "true",
        }

    def run(self, *words: str, timeout: float = 240) -> Result:
        done = subprocess.run(
            words,
            cwd=self.root,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=timeout,
        )
        return Result(done.returncode, done.stdout)

    def stacks(self, verb: str) -> Result:
        """What `make <verb>` runs."""
        self._note(verb)
        return self.run("python", "-m", "stacks", verb, self.stack)

    def pulumi(self, *words: str) -> Result:
        """The bare engine in the sandbox's environment."""
        self._note(words[0])
        return self.run("nim-sandbox", "run", self.stack, "--", "pulumi", *words, "--stack", self.stack)

    def _note(self, verb: str) -> None:
        if verb not in ("preview", "status", "stack"):
            self.pristine = False

    def kubectl(self, *words: str) -> Result:
        return self.run("nim-sandbox", "run", self.stack, "--", "kubectl", "--namespace", "nim", *words)

    def objects(self, kinds: str) -> list[str]:
        """Names as `kind/name`, sorted."""
        return sorted(self.kubectl("get", kinds, "--output", "name", "--ignore-not-found").output.split())

    def edit(self, change: Callable[[dict[str, Any]], object]) -> None:
        """Change the config of the stack file."""
        self.pristine = False
        content = yaml.safe_load(self.stack_file.read_text(encoding="utf-8"))
        change(content["config"])
        self.stack_file.write_text(yaml.safe_dump(content), encoding="utf-8")


def small_stack() -> dict[str, Any]:
    """Two endpoints on one node of four GPUs; every test starts from this."""
    endpoint = {"image": LLAMA, "profile": FP8, "pool": "l40s"}
    return {
        "nim:cluster": {"sandbox": STACK},
        "nim:needs_ngc_key": False,
        "nim:caches": {"protect": False},
        "nim:pools": {"l40s": {"back_end": "simulated", "instance_type": "g6e.12xlarge"}},
        "nim:endpoints": {"one": {**endpoint, "replicas": 2}, "two": endpoint},
    }


@contextmanager
def checked_out(tmp_path_factory: pytest.TempPathFactory, stack: str) -> Iterator[Project]:
    """Stops the stack's sandbox at the end."""
    root = tmp_path_factory.mktemp("checkout")
    for name in ("Pulumi.yaml", "__main__.py"):
        shutil.copy(ROOT / name, root)
    for folder in ("policy", "stacks"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (root / ".venv").symlink_to(Path(sys.prefix))
    project = Project(root, stack)
    try:
        yield project
    finally:
        stopped = project.run("nim-sandbox", "stop", stack)
    assert stopped.code == 0, stopped.output


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with checked_out(tmp_path_factory, STACK) as project:
        yield project


@pytest.fixture
def project(checkout: Project) -> Project:
    """The stack file as it was; what the cluster holds is what the test before left."""
    if checkout.pristine:
        return checkout
    salt = "v1:Co71Z1prQWo=:v1:x/OMHhP/Xx5y+c4k:PmWP7LEGuL+mttPnrN/2GjlZRdSm7w=="
    content = {"encryptionsalt": salt, "config": small_stack()}
    checkout.stack_file.write_text(yaml.safe_dump(content), encoding="utf-8")
    return checkout


@pytest.fixture
def deployed(project: Project) -> Project:
    """The small stack, up and unharmed."""
    if not project.pristine:
        done = project.stacks("up")
        assert done.code == 0, done.output
        project.pristine = True
    return project
