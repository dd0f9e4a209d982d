"""`nim-profiles adopt`."""

import click

from nim_profiles.cli.output import json_option, print_json
from nim_profiles.cli.source import FILE, read_text


@click.command()
@click.argument("files", metavar="FILE…", type=FILE, nargs=-1, required=True)
@click.option("--lock", type=click.Path(), default="stacks/nim.lock.yaml", show_default=True)
@click.option("--gpu", metavar="PRODUCT", help="Of nodes that no node selector tells: NVIDIA-L40S.")
@json_option
def command(files: tuple[str, ...], lock: str, gpu: str | None, *, as_json: bool) -> int:
    """Say existing Kubernetes objects in the words of a stack file.

    Reads Deployments with their Services and claims, and NVIDIA's NIMServices and NIMCaches, from YAML: files of
    several documents, what `kubectl get -o yaml` and `helm template` print; `-` is standard input. What the words
    cannot say goes to standard error, each with its reason.
    """
    from pathlib import Path  # noqa: PLC0415 - a fifth of the time that --help takes

    import yaml  # noqa: PLC0415 - likewise

    from nim_profiles.adoption import adopt, read_objects  # noqa: PLC0415 - brings pydantic
    from nim_profiles.lock import Lock  # noqa: PLC0415 - likewise

    objects = [one for name in files for one in read_objects(read_text(name), name)]
    found = adopt(objects, Lock.read(Path(lock)), gpu=gpu)
    if as_json:
        print_json(
            {**found.config, "left": [{"where": one.where, "reason": one.reason} for one in found.left]},
        )
        return 0
    config = {f"nim:{key}": value for key, value in found.config.items()}
    click.echo(yaml.safe_dump({"config": config}, sort_keys=False, allow_unicode=True, width=1000), nl=False)
    for one in found.left:
        click.echo(f"left out: {one}", err=True)
    return 0
