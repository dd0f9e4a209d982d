"""The arguments FILE and --image, and what they name."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from nim_profiles.profile_source import ProfileSource

SIZE_LIMIT_BYTES = 64 * 1024 * 1024
"""More than any parser here accepts: keeps a mistaken file, or an endless pipe, out of memory."""

FILE = click.Path(allow_dash=True)


def image_option(command: Callable[..., Any]) -> Callable[..., Any]:
    text = "Which image of a lock file: repository:tag, with or without @sha256:…"
    return click.option("--image", metavar="REF", help=text)(command)


def read_text(path: str) -> str:
    """Of a file, or of standard input for `-`. Raises BadInput for what is no text, OSError as usual."""
    from nim_profiles.cli.exit_codes import BadInput  # noqa: PLC0415 - only on the way to a refusal

    if path == "-":
        raw = sys.stdin.buffer.read(SIZE_LIMIT_BYTES + 1)
    else:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib would be a fifth of the time that --help takes
            raw = file.read(SIZE_LIMIT_BYTES + 1)
    if len(raw) > SIZE_LIMIT_BYTES:
        raise BadInput(f"{path}: has more than {SIZE_LIMIT_BYTES} bytes. Is it a manifest, a listing or a lock file?")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}: is no UTF-8 text: byte {error.start} is {raw[error.start]:#04x}") from None


def read_source(path: str, image: str | None) -> "ProfileSource":
    from nim_profiles.profile_source import parse_source  # noqa: PLC0415 - brings the YAML parser

    return parse_source(read_text(path), path, image)
