"""The command `nim-profiles`. Each command is a file here and an entry in `app.COMMANDS`."""

from nim_profiles.cli.app import main

__all__ = ["main"]
