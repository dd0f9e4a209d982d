"""The life of one sandbox, and whoever enters its environment."""

import os
import sys
import time

import click

from nim_sandbox.cli.arguments import NAME, checked, extra_options, say
from nim_sandbox.extras import EXTRAS
from nim_sandbox.folder import SandboxFolder


@click.command()
@NAME
@extra_options(lambda extra: extra.help)
def start(folder: SandboxFolder, **chosen: bool) -> None:
    """Start the control plane of NAME, with the programs that a flag needs; return once it is ready."""
    from nim_sandbox.build import BuildFailed  # noqa: PLC0415 - every command imports only what it needs: they are to be quick
    from nim_sandbox.control_plane import ControlPlane, ControlPlaneFailed  # noqa: PLC0415 - as above
    from nim_sandbox.tools import MissingTools, provide  # noqa: PLC0415 - as above
    from nim_sandbox.versions import version_table  # noqa: PLC0415 - as above

    extras = checked(chosen)
    try:
        provide(say, version_table().needed_by(*extras))
        for name in extras:
            EXTRAS[name].provide(say)
        began = time.monotonic()
        ControlPlane(folder.root, extras=extras).start()
    except (BuildFailed, ControlPlaneFailed, MissingTools, OSError) as error:
        raise click.ClickException(str(error)) from error
    say(f"sandbox {folder.root.name}: running ({time.monotonic() - began:.1f} s); state in {folder.root}")


@click.command()
@NAME
@click.option("--keep", is_flag=True, help="Keep the folder, for a later start or for its logs.")
def stop(folder: SandboxFolder, *, keep: bool) -> None:
    """Stop the control plane of NAME and remove its folder."""
    from nim_sandbox.control_plane import ControlPlane  # noqa: PLC0415 - as above

    try:
        ControlPlane(folder.root).stop(keep=keep)
    except OSError as error:  # a process, a cgroup or a file that does not go
        raise click.ClickException(f"sandbox {folder.root.name} is not wholly stopped: {error}. Try again") from error
    say(f"sandbox {folder.root.name}: stopped{', folder kept' if keep else ' and removed'}")


@click.command()
@NAME
def status(folder: SandboxFolder) -> None:
    """Say whether NAME runs; exit code 1 if it does not."""
    from nim_sandbox.control_plane import ControlPlane  # noqa: PLC0415 - as above

    running = ControlPlane(folder.root).running()
    print(f"sandbox {folder.root.name}: {'running' if running else 'not running'}")
    sys.exit(0 if running else 1)


@click.command()
@NAME
def env(folder: SandboxFolder) -> None:
    """Print NAME's environment as shell lines, for eval."""
    from nim_sandbox.environment import environment, export_lines, prepare  # noqa: PLC0415 - as above

    prepare(folder)
    print(export_lines(environment(folder, os.environ)))


@click.command(context_settings={"ignore_unknown_options": True})
@NAME
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
