"""`nim-profiles select`."""

from typing import TYPE_CHECKING

import click

from nim_profiles.cli.exit_codes import BadInput
from nim_profiles.cli.output import console, json_option, print_json, profile_json, warn
from nim_profiles.cli.source import FILE, image_option, read_source

if TYPE_CHECKING:
    from nim_profiles.gpu import Gpu


@click.command()
@click.argument("file", type=FILE)
@click.argument("wanted", required=False)
@click.option("--argument", metavar="ID|NAME", help="A profile named on the container's command line; it wins.")
@click.option("--gpu", metavar="NAME", help="L40S, or the node label NVIDIA-L40S: rules out what does not run on it.")
@click.option("--gpu-count", type=click.IntRange(min=1), help="GPUs that one replica may use.")
@image_option
@json_option
def command(
    file: str,
    wanted: str | None,
    argument: str | None,
    gpu: str | None,
    gpu_count: int | None,
    image: str | None,
    *,
    as_json: bool,
) -> None:
    """Which profile of FILE a container takes, and why.

    WANTED is the value of NIM_MODEL_PROFILE: an id, a name or default; without it the choice is automatic.
    """
    from nim_profiles.selection import select  # noqa: PLC0415 - not needed for --help

    source = read_source(file, image)
    chosen = select(source.profiles, wanted, gpu_named(gpu) if gpu else None, gpu_count, argument)
    if as_json:
        print_json(
            {
                "profile": profile_json(chosen.profile, source),
                "source": str(chosen.reason.source),
                "rule": str(chosen.reason.rule),
                "reason": str(chosen.reason),
                "warnings": list(chosen.warnings),
                "runners_up": [profile_json(profile, source) for profile in chosen.runners_up],
            }
        )
        return
    from nim_profiles.cli.tables import profile_table  # noqa: PLC0415 - only for people

    click.echo(f"{chosen.profile.id} ({chosen.profile.name})\nbecause {chosen.reason}")
    if chosen.runners_up:
        click.echo("\nRunners-up:")
        console().print(profile_table(chosen.runners_up, source))
    warn(chosen.warnings)


def gpu_named(text: str) -> "Gpu":
    """From the catalogue, by short name or product label. Raises BadInput for none, and for one name of several."""
    from nim_profiles.instance import catalogue  # noqa: PLC0415 - reads the catalogue's data

    gpus = sorted({kind.gpu for kind in catalogue().values()})
    found = [gpu for gpu in gpus if text.lower() in (gpu.product.lower(), gpu.short_name.lower())]
    if len(found) == 1:
        return found[0]
    known = ", ".join(gpu.product for gpu in found or gpus)
    raise BadInput(
        f"--gpu is {text!r}, which is {'several products' if found else 'not in the catalogue'}. Take: {known}"
    )
