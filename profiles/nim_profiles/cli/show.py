"""`nim-profiles show`."""

import click

from nim_profiles.cli.output import json_option, print_json, profile_json
from nim_profiles.cli.source import FILE, image_option, read_source


@click.command()
@click.argument("profile", metavar="ID|NAME")
@click.option("file", "--from", type=FILE, required=True, help="Manifest, listing, lock file, or -.")
@image_option
@json_option
def command(profile: str, file: str, image: str | None, *, as_json: bool) -> None:
    """One profile of FILE, with everything that is known of it."""
    from nim_profiles.profile_id import profile_id  # noqa: PLC0415 - only once a profile is there
    from nim_profiles.selection import find  # noqa: PLC0415 - likewise

    source = read_source(file, image)
    found, _ = find(source.profiles, profile)
    document = profile_json(found, source)
    hashed = profile_id(found.tags) if found.tags_complete else None
    document["id_is_hash_of_tags"] = None if hashed is None else hashed == found.id
    document["files"] = [{"path": a.path, "size_bytes": a.size_bytes} for a in found.artifacts]
    if as_json:
        print_json(document)
        return
    from nim_profiles.cli.tables import memory  # noqa: PLC0415 - only for people
    from nim_profiles.units import gib  # noqa: PLC0415 - likewise

    hash_says = {
        None: "not checked: a listing does not print all tags",
        True: "yes",
        False: "no (normal below NIM 1.3)",
    }
    tags = " ".join(f"{key}={value}" for key, value in document["tags"].items())
    split = f"tensor {found.tensor_parallel} x pipeline {found.pipeline_parallel}"
    need, status = memory(found, source), document["status"]
    download = None if found.download_bytes is None else gib(found.download_bytes)
    lines = {
        "id": found.id,
        "name": found.name,
        "engine": found.engine,
        "precision": found.precision,
        "GPUs": f"{found.gpu_count} ({split})" if "tp" in found.tags else None,
        "built for": found.gpu or "any GPU",
        "memory": f"at least {need} GB a GPU" if need else None,
        "LoRA": "yes" if found.lora else "no",
        "status": status and status.replace("_", " "),
        "download": download
        and " ".join(filter(None, (download, f"({basis})" if (basis := document["download_basis"]) else ""))),
        "files": len(found.artifacts) or None,
        "workspace": found.workspace_hash,
        "tags": tags + ("" if found.tags_complete else " (those that the name spells out)"),
        "id = hash of tags": hash_says[document["id_is_hash_of_tags"]],
    }
    width = max(map(len, lines))
    for key, value in lines.items():
        if value is not None:
            click.echo(f"{key:<{width}}  {value}")
