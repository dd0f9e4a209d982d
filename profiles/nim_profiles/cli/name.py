"""`nim-profiles name`."""

from dataclasses import asdict

import click

from nim_profiles.cli.output import json_option, print_json


@click.command()
@click.argument("name")
@json_option
def command(name: str, *, as_json: bool) -> None:
    """Read a profile NAME, part by part."""
    from nim_profiles.name import ProfileName  # noqa: PLC0415 - its patterns are compiled on import

    parsed = ProfileName.parse(name)
    fields, tags = asdict(parsed), parsed.tags()
    if as_json:
        print_json({"name": str(parsed), "fields": fields, "tags": tags})
        return
    if parsed.free_form is not None:
        click.echo("This name follows no known grammar; what it seems to say may be wrong.", err=True)
    said = {key.replace("_", " "): value for key, value in fields.items() if value not in (None, "")}
    width = max(map(len, [*said, "tags"]))
    for key, value in said.items():
        click.echo(f"{key:<{width}}  {value}")
    click.echo(f"{'tags':<{width}}  {' '.join(f'{key}={value}' for key, value in sorted(tags.items())) or 'none'}")
