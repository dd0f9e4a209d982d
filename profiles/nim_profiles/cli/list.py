"""`nim-profiles list`."""

import click

from nim_profiles.cli.output import console, json_option, print_json, profile_json
from nim_profiles.cli.source import FILE, image_option, read_source


@click.command()
@click.argument("file", type=FILE)
@image_option
@json_option
def command(file: str, image: str | None, *, as_json: bool) -> None:
    """All profiles of FILE."""
    source = read_source(file, image)
    if as_json:
        print_json(
            {
                "kind": str(source.kind),
                "origin": source.origin,
                "image": source.image,
                "model": source.model,
                "release": source.release,
                "sha256": source.sha256,
                "profiles": [profile_json(profile, source) for profile in source.profiles],
            }
        )
        return
    from nim_profiles.cli.tables import heading, profile_table  # noqa: PLC0415 - only for people

    screen = console()
    screen.print(heading(source))
    screen.print(profile_table(source.profiles, source))
