"""The group of commands, and how their failures end."""

import sys
from collections.abc import Mapping
from typing import NoReturn

import click

from nim_profiles.cli.lazy_group import LazyGroup
from stacks.faults import BadStackFile

BAD_INPUT = 2
ENGINE = "pulumi"
"""The program that `stacks.cli.engine` starts."""
COMMANDS: Mapping[str, str] = {
    "up": "stacks.cli.up:command",
    "preview": "stacks.cli.preview:command",
    "previews": "stacks.cli.previews:command",
    "down": "stacks.cli.down:command",
    "status": "stacks.cli.status:command",
    "place": "stacks.cli.place:command",
    "profiles": "stacks.cli.profiles:command",
    "adopt": "stacks.cli.adopt:command",
}


@click.command(cls=LazyGroup, table=COMMANDS, no_args_is_help=True)
def group() -> None:
    """Bring the endpoints of a stack up, preview them, take them down."""


def main() -> NoReturn:
    """Exit codes: 0 done, 1 the engine failed or is not there, 2 the stack file is wrong and nothing was touched."""
    try:
        sys.exit(group.main(prog_name="python -m stacks", standalone_mode=False))
    except BadStackFile as error:
        print(error, file=sys.stderr)
        sys.exit(BAD_INPUT)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except FileNotFoundError as error:
        if error.filename != ENGINE:
            raise
        print(f"{ENGINE} is not on PATH: run `make tools`, or install it", file=sys.stderr)
        sys.exit(1)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
