"""What the commands have in common: where they speak, their arguments, their refusals."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import click

from nim_sandbox.extras import EXTRAS, Extra
from nim_sandbox.folder import BadSandboxName, SandboxFolder, sandbox_folder


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _folder(_context: click.Context, _parameter: click.Parameter, name: str) -> SandboxFolder:
    try:
        return sandbox_folder(name, cwd=Path.cwd())
    except BadSandboxName as error:
        raise click.BadParameter(str(error)) from error


_Command = TypeVar("_Command", bound=Callable[..., None])
NAME = click.argument("folder", metavar="NAME", callback=_folder)


def _in_namespace(_context: click.Context, parameter: click.Parameter, text: str) -> tuple[str, str]:
    namespace, slash, name = text.partition("/")
    if not (namespace and slash and name):
        raise click.BadParameter(f"{text!r} is not {parameter.metavar}, such as nim/llama")
    return namespace, name


def named(what: str) -> Callable[[_Command], _Command]:
    """An object of the sandbox, as namespace and name."""
    return click.argument(what.lower(), metavar=f"NAMESPACE/{what}", callback=_in_namespace)


def extra_options(text: Callable[[Extra], str]) -> Callable[[_Command], _Command]:
    """A flag for each extra; the command gets them as keywords."""

    def options(command: _Command) -> _Command:
        for extra in reversed([*EXTRAS.values()]):
            command = click.option(f"--{extra.name}", is_flag=True, help=text(extra))(command)
        return command

    return options


class NotHere(click.ClickException):
    """What was asked for cannot be had on this machine."""

    exit_code = 3


def checked(chosen: Mapping[str, bool]) -> tuple[str, ...]:
    """Names of the extras that were asked for. Raises NotHere."""
    extras = tuple(name for name, asked in chosen.items() if asked)
    for name in extras:
        if (why := EXTRAS[name].objection()) is not None:
            raise NotHere(why)
    return extras
