"""The one folder in which everything of a sandbox lives."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CONTEXT = "nim-sandbox"
"""Name of the context in every sandbox's kubeconfig."""


class BadSandboxName(ValueError):
    """A sandbox name that would not do as the name of a folder."""


@dataclass(frozen=True, slots=True)
class SandboxFolder:
    """Paths only; makes nothing. Removing `root` removes the sandbox, once its processes have ended."""

    root: Path

    @property
    def etcd_data(self) -> Path:
        return self.root / "etcd"

    @property
    def certificates(self) -> Path:
        return self.root / "certificates"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's."""
        return self.root / "kubeconfig"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def processes(self) -> Path:
        """One file per process: which one it was when it started."""
        return self.root / "processes"

    @property
    def ports(self) -> Path:
        return self.root / "ports.json"

    @property
    def aws_endpoint(self) -> Path:
        """Holds the URL of the simulated AWS account; there only where the sandbox has one."""
        return self.root / "aws-endpoint"

    @property
    def stages(self) -> Path:
        """KWOK's configuration."""
        return self.root / "stages.yaml"

    @property
    def egress(self) -> Path:
        """How the API server reaches nodes and pods."""
        return self.root / "egress.json"

    @property
    def node(self) -> Path:
        """All that the real node keeps."""
        return self.root / "node"

    @property
    def door(self) -> Path:
        """Unix socket, the way into the real node's network."""
        return self.node / "door"

    @property
    def volumes(self) -> Path:
        """A folder for each claim on the real node, which knows it as `settings.VOLUMES`."""
        return self.node / "nim-sandbox/volumes"

    @property
    def first_process(self) -> Path:
        """Its id, as the machine counts: whoever enters the node's namespaces enters those of this process."""
        return self.node / "first-process"

    @property
    def forwards(self) -> Path:
        """One process and one port for each service that this machine is let through to."""
        return self.root / "forwards"

    @property
    def pulumi_state(self) -> Path:
        return self.root / "pulumi-state"

    @property
    def pulumi_home(self) -> Path:
        return self.root / "pulumi-home"

    @property
    def lock(self) -> Path:
        """Beside the folder's content on purpose: it goes with the folder."""
        return self.root / "lock"


def sandbox_folder(name: str, *, cwd: Path, environ: Mapping[str, str] = os.environ) -> SandboxFolder:
    """`$NIM_SANDBOX_HOME/<name>`, without that variable `<cwd>/.sandbox/<name>`. Raises BadSandboxName."""
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?", name):
        raise BadSandboxName(
            f"{name!r} is not a sandbox name: write up to 40 lower-case letters, digits and inner dashes, e.g. 'local'"
        )
    return SandboxFolder(sandboxes_home(cwd, environ) / name)


def sandboxes_home(cwd: Path, environ: Mapping[str, str] = os.environ) -> Path:
    """The folder that holds the sandboxes, absolute."""
    home = environ.get("NIM_SANDBOX_HOME")
    return (Path(home) if home else cwd / ".sandbox").absolute()
