"""The group of commands: found by name in a table, imported only when called, and every failure in one line."""

import sys
from collections.abc import Mapping, Sequence

import click

from nim_profiles.cli.exit_codes import INTERNAL, exit_code, one_line
from nim_profiles.cli.lazy_group import LazyGroup

COMMANDS: Mapping[str, str] = {
    "list": "nim_profiles.cli.list:command",
    "show": "nim_profiles.cli.show:command",
    "name": "nim_profiles.cli.name:command",
    "id": "nim_profiles.cli.id:command",
    "select": "nim_profiles.cli.select_:command",
    "fit": "nim_profiles.cli.fit:command",
    "instances": "nim_profiles.cli.instances:command",
    "place": "nim_profiles.cli.place:command",
    "env": "nim_profiles.cli.env:command",
    "lock": "nim_profiles.cli.lock:command",
    "diff": "nim_profiles.cli.diff:command",
    "adopt": "nim_profiles.cli.adopt:command",
}
"""Command to `module:attribute`. A new command is one entry. Its module imports click and nothing heavy at the top:
`--help` reads the first line of every command, so what one of them imports all of them wait for."""


@click.command(
    cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True
)
@click.version_option(package_name="nim-profiles")
def group() -> None:
    """What an NVIDIA NIM profile is, what it needs, and where it fits.

    FILE is a model manifest, the output of list-model-profiles, a lock file, or - for standard input; which of them it
    is shows in its content. Exit code: 0 done, 1 refused, 2 bad input. Every command takes --json.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and returns the exit code. A failure is told on stderr, and with --json as JSON too."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    try:
        done = group.main(words, prog_name="nim-profiles", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        return _reader_left()
    except (click.Abort, KeyboardInterrupt):
        return 130
    except Exception as error:  # noqa: BLE001 - a user gets one line for whatever went wrong, never a traceback
        return _failed(error, as_json="--json" in words)
    return done if isinstance(done, int) else 0


def _failed(error: Exception, *, as_json: bool) -> int:
    code = exit_code(error)
    text = error.format_message() if isinstance(error, click.ClickException) else str(error)
    if isinstance(error, OSError) and error.filename is not None:
        text = f"{error.filename}: {error.strerror}"
    if code == INTERNAL:
        text = f"this is a fault of nim-profiles: {type(error).__name__}: {one_line(text)}"
    try:
        if as_json:
            from nim_profiles.cli.output import print_json  # noqa: PLC0415 - only where it is wanted

            print_json({"error": {"kind": type(error).__name__, "message": text, "exit_code": code}})
        click.echo(f"nim-profiles: {text}", err=True)
    except BrokenPipeError:
        return _reader_left()
    return code


def _reader_left() -> int:
    """`nim-profiles list … | head` has got what it wanted; keeps the interpreter from complaining when it ends."""
    import os  # noqa: PLC0415 - most runs end otherwise

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
