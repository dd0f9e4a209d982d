"""`nim-profiles diff`."""

from typing import TYPE_CHECKING, Any

import click

from nim_profiles.cli.output import console, json_option, print_json, profile_json
from nim_profiles.cli.source import FILE, read_source

if TYPE_CHECKING:
    from nim_profiles.manifest_diff import Change


@click.command()
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
@click.option("--old-image", metavar="REF", help="Which image, where OLD is a lock file.")
@click.option("--new-image", metavar="REF", help="Which image, where NEW is a lock file.")
@json_option
def command(old: str, new: str, old_image: str | None, new_image: str | None, *, as_json: bool) -> None:
    """What changed between two versions of an image.

    Profiles added, removed, renamed, with another need for memory, and ids whose content changed.
    """
    from nim_profiles.manifest_diff import diff_profiles  # noqa: PLC0415 - not needed for --help

    before, after = read_source(old, old_image), read_source(new, new_image)
    found = diff_profiles(before.profiles, after.profiles)
    if as_json:
        print_json(
            {
                "added": [profile_json(profile, after) for profile in found.added],
                "removed": [profile_json(profile, before) for profile in found.removed],
                "renamed": [_change_json(change) for change in found.renamed],
                "memory": [_change_json(change) for change in found.memory],
                "changed": [_change_json(change) for change in found.changed],
            }
        )
        return
    from rich.text import Text  # noqa: PLC0415 - only for people

    screen = console()
    screen.print(f"{before.model or old} {before.release or ''} -> {after.model or new} {after.release or ''}".rstrip())
    if found.empty:
        screen.print("No difference.")
    for profile in found.removed:
        screen.print(Text(f"- {profile.name}  {profile.id}", "red"))
    for profile in found.added:
        screen.print(Text(f"+ {profile.name}  {profile.id}", "green"))
    for sign, changes in (("m", found.memory), ("r", found.renamed), ("!", found.changed)):
        for change in changes:
            screen.print(Text(f"{sign} {change.new.name}: {', '.join(change.what)}", "yellow"))
            if change.old.id != change.new.id:
                screen.print(f"    {change.old.id} -> {change.new.id}")
    if not found.empty:
        screen.print("- removed, + added, m other memory and so another id, r renamed, ! same id with other content")


def _change_json(change: "Change") -> dict[str, Any]:
    return {
        "old": {"id": change.old.id, "name": change.old.name},
        "new": {"id": change.new.id, "name": change.new.name},
        "what": list(change.what),
    }
