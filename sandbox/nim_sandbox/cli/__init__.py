"""`nim-sandbox`: the command line of the sandbox."""

from nim_sandbox.cli.app import main

__all__ = ["main"]
