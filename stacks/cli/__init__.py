"""The commands behind the Makefile. Each command is a file here and an entry in `app.COMMANDS`."""

from stacks.cli.app import main

__all__ = ["main"]
