"""The environment in which programs meet one sandbox and nothing else: its API server and its Pulumi state."""

import shlex
from collections.abc import Mapping

from nim_sandbox.folder import SandboxFolder
from nim_sandbox.tools import VENV_BIN, path_without_venv

PASSPHRASE = "sandbox"  # noqa: S105 - protects nothing: the state beside it is as short-lived as the sandbox
"""Of the sandbox's Pulumi secrets. Anybody may know it; a stack that matters has a passphrase or key of its own."""


def sandbox_environment(folder: SandboxFolder) -> dict[str, str]:
    """The sandbox's own variables, without PATH."""
    return {
        "KUBECONFIG": str(folder.kubeconfig),
        "PULUMI_BACKEND_URL": f"file://{folder.pulumi_state}",
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_HOME": str(folder.pulumi_home),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }


def environment(folder: SandboxFolder, environ: Mapping[str, str]) -> dict[str, str]:
    """`sandbox_environment` and a PATH on which this virtual environment, with its `pulumi`, comes first."""
    return {"PATH": f"{VENV_BIN}:{path_without_venv(environ)}", **sandbox_environment(folder)}


def export_lines(variables: Mapping[str, str]) -> str:
    """For `eval "$(nim-sandbox env NAME)"`."""
    return "\n".join(f"export {key}={shlex.quote(value)}" for key, value in variables.items())


def prepare(folder: SandboxFolder) -> None:
    """Pulumi's file backend wants its folder to exist; a preview needs no more of a sandbox than this."""
    for needed in (folder.pulumi_state, folder.pulumi_home):
        needed.mkdir(parents=True, exist_ok=True)
