"""A small Pulumi project of its own folder and state, run through the real CLI with the stand-in plugins."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nim_sandbox.tools import locate

HEAD = """
import pulumi
import pulumi_kubernetes as k8s

config = pulumi.Config()
provider = k8s.Provider("cluster", kubeconfig=KUBECONFIG, **ARGUMENTS)
opts = pulumi.ResourceOptions(provider=provider)
"""
STACK = "test"
RUN_SECONDS = 150


@dataclass(frozen=True)
class Ran:
    """One run of the CLI."""

    code: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        return self.stdout + self.stderr


@dataclass(frozen=True)
class Project:
    """`folder` holds program, state, plugins and Pulumi's home, so that a search through it finds every trace."""

    folder: Path
    kubeconfig: Path

    @classmethod
    def make(cls, folder: Path, kubeconfig: Path) -> "Project":
        project = cls(folder, kubeconfig)
        for name in ("program", "state", "home", "plugins"):
            (folder / name).mkdir(parents=True)
        for name, module in (("resource-kubernetes", "kubernetes_plugin"), ("language-python", "language_plugin")):
            script = folder / "plugins" / f"pulumi-{name}"
            script.write_text(f'#!/bin/sh\nexec {sys.executable} -m nim_sandbox.{module} "$@"\n', encoding="utf-8")
            script.chmod(0o755)
        (folder / "program" / "Pulumi.yaml").write_text(f"name: {folder.name}\nruntime: python\n", encoding="utf-8")
        project.pulumi("stack", "init", STACK)
        return project

    @property
    def environment(self) -> dict[str, str]:
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("PULUMI_", "NIM_"))}
        return clean | {
            "PATH": os.pathsep.join([str(self.folder / "plugins"), clean["PATH"]]),
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}",
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_CONFIG_PASSPHRASE": "of the tests",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DEBUG_COMMANDS": "true",
        }

    def write(self, program: str, **arguments: object) -> None:
        """The program's body; `provider`, `opts` and `config` are there already."""
        head = HEAD.replace("KUBECONFIG", repr(str(self.kubeconfig))).replace("ARGUMENTS", repr(arguments))
        (self.folder / "program" / "__main__.py").write_text(head + textwrap.dedent(program), encoding="utf-8")

    def pulumi(self, *arguments: str, code: int | None = 0, **environment: str) -> Ran:
        """Runs to the end; `code` None accepts any exit code."""
        ran = subprocess.run(
            self.command(*arguments),
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
            check=False,
        )
        result = Ran(ran.returncode, ran.stdout, ran.stderr)
        assert code is None or (result.code == 0) == (code == 0), result.output
        return result

    def command(self, *arguments: str) -> list[str]:
        pulumi = shutil.which("pulumi") or str(locate(["pulumi"])["pulumi"])
        return [pulumi, "--non-interactive", "--color=never", "-C", str(self.folder / "program"), *arguments]

    def up(self, *arguments: str, code: int = 0) -> Ran:
        return self.pulumi("up", "-s", STACK, "--yes", "--skip-preview", *arguments, code=code)

    def preview(self, *arguments: str, code: int = 0, **environment: str) -> Ran:
        return self.pulumi("preview", "-s", STACK, *arguments, code=code, **environment)

    def destroy(self) -> Ran:
        return self.pulumi("destroy", "-s", STACK, "--yes", "--skip-preview")

    def resources(self) -> dict[str, dict[str, Any]]:  # Any: the engine's JSON
        """The state's entries by resource name."""
        exported = json.loads(self.pulumi("stack", "export", "-s", STACK).stdout)
        return {r["urn"].rpartition("::")[2]: r for r in exported["deployment"].get("resources", [])}

    def outputs(self) -> dict[str, Any]:  # Any: whatever the program exports
        exported: dict[str, Any] = json.loads(self.pulumi("stack", "output", "-s", STACK, "--json").stdout)
        return exported
