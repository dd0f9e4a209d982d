"""`nim-sandbox`: the command line of the sandbox."""

import os
import sys
import time
from pathlib import Path

import click

from nim_sandbox.folder import BadSandboxName, SandboxFolder, sandbox_folder


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _folder(_context: click.Context, _parameter: click.Parameter, name: str) -> SandboxFolder:
    try:
        return sandbox_folder(name, cwd=Path.cwd())
    except BadSandboxName as error:
        raise click.BadParameter(str(error)) from error


_NAME = click.argument("folder", metavar="NAME", callback=_folder)


@click.group()
def main() -> None:
    """A Kubernetes control plane on this machine, with simulated GPU nodes, all of it in one folder.

    Sandboxes live in $NIM_SANDBOX_HOME, by default .sandbox/ of the current folder.
    """


@main.command()
def tools() -> None:
    """Find, download or build pulumi and the control plane's programs; into a cache, once."""
    from nim_sandbox.build import BuildFailed  # noqa: PLC0415 - every command imports only what it needs: they are to be quick
    from nim_sandbox.tools import provide  # noqa: PLC0415 - as above
    from nim_sandbox.versions import TOOLS_FOLDER  # noqa: PLC0415 - as above
    from nim_sandbox.wrappers import put_within_reach  # noqa: PLC0415 - as above

    try:
        programs = provide(_say)
    except BuildFailed as error:
        raise click.ClickException(str(error)) from error
    put_within_reach(programs["pulumi"], TOOLS_FOLDER.parent / ".sandbox", _say)
    _say(f"tools: {', '.join(programs)} are there")


@main.command()
@_NAME
@click.option("--aws", is_flag=True, help="With a simulated AWS account, whose EKS node groups make nodes here.")
def start(folder: SandboxFolder, *, aws: bool) -> None:
    """Start the control plane of NAME; return once it is ready."""
    from nim_sandbox.control_plane import ControlPlane, ControlPlaneFailed  # noqa: PLC0415 - as above
    from nim_sandbox.tools import MissingTools  # noqa: PLC0415 - as above

    began = time.monotonic()
    try:
        ControlPlane(folder.root, aws=aws).start()
    except (ControlPlaneFailed, MissingTools) as error:
        raise click.ClickException(str(error)) from error
    _say(f"sandbox {folder.root.name}: running ({time.monotonic() - began:.1f} s); state in {folder.root}")


@main.command()
@_NAME
@click.option("--keep", is_flag=True, help="Keep the folder, for a later start or for its logs.")
def stop(folder: SandboxFolder, *, keep: bool) -> None:
    """Stop the control plane of NAME and remove its folder."""
    from nim_sandbox.control_plane import ControlPlane  # noqa: PLC0415 - as above

    ControlPlane(folder.root).stop(keep=keep)
    _say(f"sandbox {folder.root.name}: stopped{', folder kept' if keep else ' and removed'}")


@main.command()
@_NAME
def status(folder: SandboxFolder) -> None:
    """Say whether NAME runs; exit code 1 if it does not."""
    from nim_sandbox.control_plane import ControlPlane  # noqa: PLC0415 - as above

    running = ControlPlane(folder.root).running()
    print(f"sandbox {folder.root.name}: {'running' if running else 'not running'}")
    sys.exit(0 if running else 1)


@main.command()
@_NAME
def env(folder: SandboxFolder) -> None:
    """Print NAME's environment as shell lines, for eval."""
    from nim_sandbox.environment import environment, export_lines, prepare  # noqa: PLC0415 - as above

    prepare(folder)
    print(export_lines(environment(folder, os.environ)))


@main.command(context_settings={"ignore_unknown_options": True})
@_NAME
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run(folder: SandboxFolder, command: tuple[str, ...]) -> None:
    """Run a command in NAME's environment: nim-sandbox run NAME -- COMMAND..."""
    from nim_sandbox.environment import environment, prepare  # noqa: PLC0415 - as above

    prepare(folder)
    variables = {**os.environ, **environment(folder, os.environ)}
    try:
        os.execvpe(command[0], command, variables)
    except FileNotFoundError:
        raise click.ClickException(f"{command[0]}: no such command on PATH") from None
