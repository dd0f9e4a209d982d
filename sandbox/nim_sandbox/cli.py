"""`nim-sandbox`: the command line of the sandbox."""

import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import click

from nim_sandbox.extras import EXTRAS, Extra
from nim_sandbox.folder import BadSandboxName, SandboxFolder, sandbox_folder


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _folder(_context: click.Context, _parameter: click.Parameter, name: str) -> SandboxFolder:
    try:
        return sandbox_folder(name, cwd=Path.cwd())
    except BadSandboxName as error:
        raise click.BadParameter(str(error)) from error


_Command = TypeVar("_Command", bound=Callable[..., None])
_NAME = click.argument("folder", metavar="NAME", callback=_folder)


def _in_namespace(_context: click.Context, parameter: click.Parameter, text: str) -> tuple[str, str]:
    namespace, slash, name = text.partition("/")
    if not (namespace and slash and name):
        raise click.BadParameter(f"{text!r} is not {parameter.metavar}, such as nim/llama")
    return namespace, name


def _named(what: str) -> Callable[[_Command], _Command]:
    """An object of the sandbox, as namespace and name."""
    return click.argument(what.lower(), metavar=f"NAMESPACE/{what}", callback=_in_namespace)


def _extra_options(text: Callable[[Extra], str]) -> Callable[[_Command], _Command]:
    """A flag for each extra; the command gets them as keywords."""

    def options(command: _Command) -> _Command:
        for extra in reversed([*EXTRAS.values()]):
            command = click.option(f"--{extra.name}", is_flag=True, help=text(extra))(command)
        return command

    return options


def _names(chosen: Mapping[str, bool]) -> tuple[str, ...]:
    return tuple(name for name, wanted in chosen.items() if wanted)


class _NotHere(click.ClickException):
    """What was asked for cannot be had on this machine."""

    exit_code = 3


def _checked(chosen: Mapping[str, bool]) -> tuple[str, ...]:
    names = _names(chosen)
    for name in names:
        if (why := EXTRAS[name].objection()) is not None:
            raise _NotHere(why)
    return names


@click.group()
def main() -> None:
    """A Kubernetes control plane on this machine, with simulated GPU nodes, all of it in one folder.

    Sandboxes live in $NIM_SANDBOX_HOME, by default .sandbox/ of the current folder.
    """


@main.command()
@click.option("--engine", is_flag=True, help="Pulumi and its plugins alone: enough for a preview.")
@_extra_options(lambda extra: f"And what `start --{extra.name}` needs.")
def tools(*, engine: bool, **chosen: bool) -> None:
    """Find, download or build pulumi and the control plane's programs; into a cache, once."""
    from nim_sandbox.build import BuildFailed  # noqa: PLC0415 - every command imports only what it needs: they are to be quick
    from nim_sandbox.tools import provide  # noqa: PLC0415 - as above
    from nim_sandbox.versions import TOOLS_FOLDER, version_table  # noqa: PLC0415 - as above
    from nim_sandbox.wrappers import put_within_reach  # noqa: PLC0415 - as above

    try:
        wanted = ("pulumi",) if engine else version_table().needed_by(None)
        programs = provide(_say, (*wanted, *version_table().needed_by(*_checked(chosen))))
        for name in _names(chosen):
            EXTRAS[name].provide(_say)
    except BuildFailed as error:
        raise click.ClickException(str(error)) from error
    put_within_reach(programs["pulumi"], TOOLS_FOLDER.parent / ".sandbox", _say)
    _say(f"tools: {', '.join(programs)} are there")


@main.command()
@click.argument("references", metavar="[REFERENCE]...", nargs=-1)
@click.option("--describe", is_flag=True, help="Build nothing: only say what each offers, enough for a preview.")
def images(references: tuple[str, ...], *, describe: bool) -> None:
    """Make container images for sandboxes, all or those that are named; into a cache, once."""
    from nim_sandbox.build import BuildFailed  # noqa: PLC0415 - as above
    from nim_sandbox.folder import sandboxes_home  # noqa: PLC0415 - as above
    from nim_sandbox.images import provide  # noqa: PLC0415 - as above
    from nim_sandbox.images.layout import digest_of  # noqa: PLC0415 - as above

    wanted, home = references or provide.references(), sandboxes_home(Path.cwd())
    try:
        if describe:
            provide.describe(wanted, home)
            return
        layouts = provide.provide(wanted, home, _say)
    except (BuildFailed, provide.NoSuchImage) as error:
        raise click.ClickException(str(error)) from error
    for reference, layout in layouts.items():
        _say(f"{reference}@{digest_of(layout)}")


@main.command()
@click.option("--dry-run", is_flag=True, help="Only list it.")
def prune(*, dry_run: bool) -> None:
    """Remove from the cache what this checkout does not name: other versions, other images, what Go built with."""
    from nim_profiles.units import GIB  # noqa: PLC0415 - as above
    from nim_sandbox.cache import Cache, CacheInUse  # noqa: PLC0415 - as above
    from nim_sandbox.prune import leftovers, programs_run, remove  # noqa: PLC0415 - as above

    cache, total_bytes = Cache.of(), 0
    try:
        with cache.alone():
            if running := programs_run(cache):
                _say("programs stay, whichever version: a sandbox runs")
            for one in leftovers(cache, programs_too=not running):
                print(f"{one.path.relative_to(cache.root)}: {one.size_bytes / GIB:.1f} GiB")
                total_bytes += one.size_bytes
                if not dry_run:
                    remove(one)
    except CacheInUse as error:
        raise click.ClickException(str(error)) from error
    print(f"{total_bytes / GIB:.1f} GiB {'would be' if dry_run else 'are'} removed from {cache.root}")


@main.command()
@_NAME
@_extra_options(lambda extra: extra.help)
def start(folder: SandboxFolder, **chosen: bool) -> None:
    """Start the control plane of NAME, with the programs that a flag needs; return once it is ready."""
    from nim_sandbox.build import BuildFailed  # noqa: PLC0415 - as above
    from nim_sandbox.control_plane import ControlPlane, ControlPlaneFailed  # noqa: PLC0415 - as above
    from nim_sandbox.tools import MissingTools, provide  # noqa: PLC0415 - as above
    from nim_sandbox.versions import version_table  # noqa: PLC0415 - as above

    extras = _checked(chosen)
    try:
        provide(_say, version_table().needed_by(*extras))
        for name in extras:
            EXTRAS[name].provide(_say)
        began = time.monotonic()
        ControlPlane(folder.root, extras=extras).start()
    except (BuildFailed, ControlPlaneFailed, MissingTools, OSError) as error:
        raise click.ClickException(str(error)) from error
    _say(f"sandbox {folder.root.name}: running ({time.monotonic() - began:.1f} s); state in {folder.root}")


@main.command()
@_NAME
@click.argument("references", nargs=-1, required=True, metavar="REFERENCE...")
def load(folder: SandboxFolder, references: tuple[str, ...]) -> None:
    """Put images that are made here into the real node of NAME, and beside them a mirror of the model's files."""
    from nim_sandbox.build import BuildFailed  # noqa: PLC0415 - as above
    from nim_sandbox.cache import Cache  # noqa: PLC0415 - as above
    from nim_sandbox.images import provide  # noqa: PLC0415 - as above
    from nim_sandbox.node.images import MIRROR, ImportFailed, load_into  # noqa: PLC0415 - as above
    from nim_sandbox.node.running import NoNode  # noqa: PLC0415 - as above
    from nim_sandbox.objects import apply_objects  # noqa: PLC0415 - as above
    from nim_sandbox.tools import MissingTools  # noqa: PLC0415 - as above

    try:
        with Cache.of().in_use():
            layouts = provide.provide({*references, MIRROR}, folder.root.parent, _say)
            for layout in layouts.values():
                load_into(folder, layout, _say)
        apply_objects(folder.kubeconfig, "mirror.yaml")
    except (BuildFailed, ImportFailed, MissingTools, NoNode, provide.NoSuchImage) as error:
        raise click.ClickException(str(error)) from error


@main.command()
@_NAME
@_named("SERVICE")
def forward(folder: SandboxFolder, service: tuple[str, str]) -> None:
    """Let this machine through to a service of NAME; prints the URL. Ends when NAME stops."""
    from nim_sandbox.node.forward import ForwardFailed  # noqa: PLC0415 - as above
    from nim_sandbox.node.forward import start as start_forward  # noqa: PLC0415 - as above
    from nim_sandbox.node.running import NoNode  # noqa: PLC0415 - as above

    try:
        print(f"http://127.0.0.1:{start_forward(folder, *service)}")
    except (ForwardFailed, NoNode) as error:
        raise click.ClickException(str(error)) from error


@main.command()
@_NAME
@_named("CLAIM")
def files(folder: SandboxFolder, claim: tuple[str, str]) -> None:
    """Say what lies in a claim on the real node of NAME: bytes and path, a file a line."""
    from nim_sandbox.node.running import NoNode, first_process  # noqa: PLC0415 - as above
    from nim_sandbox.node.volumes import NoVolume  # noqa: PLC0415 - as above
    from nim_sandbox.node.volumes import files as files_of  # noqa: PLC0415 - as above
    from nim_sandbox.objects import client  # noqa: PLC0415 - as above

    try:
        first_process(folder)
        with client(folder.kubeconfig) as api:
            found = files_of(api, *claim, folder.volumes)
    except (NoNode, NoVolume) as error:
        raise click.ClickException(str(error)) from error
    for path, size in found.items():
        print(f"{size} {path}")


@main.command()
@_NAME
@click.option("--keep", is_flag=True, help="Keep the folder, for a later start or for its logs.")
def stop(folder: SandboxFolder, *, keep: bool) -> None:
    """Stop the control plane of NAME and remove its folder."""
    from nim_sandbox.control_plane import ControlPlane  # noqa: PLC0415 - as above

    try:
        ControlPlane(folder.root).stop(keep=keep)
    except OSError as error:  # a process, a cgroup or a file that does not go
        raise click.ClickException(f"sandbox {folder.root.name} is not wholly stopped: {error}. Try again") from error
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
