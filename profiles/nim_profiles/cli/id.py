"""`nim-profiles id`."""

import re

import click

from nim_profiles.cli.exit_codes import BadInput, Refused
from nim_profiles.cli.output import json_option, print_json
from nim_profiles.cli.source import read_text


@click.command()
@click.argument("tags", nargs=-1, metavar="[TAG=VALUE]...")
@click.option("--check", "expected", metavar="ID", help="Refuse unless the tags hash to this id.")
@json_option
def command(tags: tuple[str, ...], expected: str | None, *, as_json: bool) -> None:
    """The id that NIM gives to a set of tags.

    By the rule of NIM 1.3 and later, for all tags of the profile. They are written tp=1 pp=1 or tp:1|pp:1, exactly as
    in the manifest; without any they are read from standard input.
    """
    from nim_profiles.profile_id import is_profile_id, profile_id  # noqa: PLC0415 - the hash is not needed for --help

    if expected is not None and not is_profile_id(expected):
        raise BadInput(f"--check is {expected!r}, but an id has 64 characters of 0-9 and a-f. Copy it whole")
    found = parse_tags(" ".join(tags) if tags else read_text("-"))
    hashed = profile_id(found)
    if expected not in (None, hashed):
        raise Refused(f"the tags hash to {hashed}, not to {expected} (below NIM 1.3 ids follow another rule)")
    if as_json:
        print_json({"id": hashed, "tags": dict(sorted(found.items())), "checked": expected is not None})
    else:
        click.echo(hashed)


def parse_tags(text: str) -> dict[str, str]:
    """`k=v k=v` or `k:v|k:v`, over any number of lines. Raises BadInput with every part that is no tag."""
    parts = [part for part in re.split(r"[|\s]+", text) if part]
    pairs = [re.fullmatch(r"([A-Za-z_][\w.]*)[=:](.*)", part) for part in parts]
    faults = [f"{part!r} is no tag=value" for part, pair in zip(parts, pairs, strict=True) if pair is None]
    keys = [pair[1] for pair in pairs if pair]
    faults += [f"the tag {key} is given more than once" for key in sorted({k for k in keys if keys.count(k) > 1})]
    if faults or not parts:
        raise BadInput("; ".join(faults) or "there are no tags. Give them as tag=value, or on standard input")
    return {pair[1]: pair[2] for pair in pairs if pair}
