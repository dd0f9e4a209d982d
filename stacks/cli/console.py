"""Where tables are printed."""

import sys

from rich.console import Console

# Without a terminal rich assumes 80 columns, in which the tables cannot be read.
console = Console(width=None if sys.stdout.isatty() else 160)
