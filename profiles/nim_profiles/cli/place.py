"""`nim-profiles place`."""

from decimal import Decimal, InvalidOperation

import click

from nim_profiles.cli.exit_codes import REFUSED, BadInput
from nim_profiles.cli.output import console, json_option, print_json
from nim_profiles.units import GB, GIB

COUNT = click.IntRange(min=1)
AMOUNT = click.FloatRange(min=0)
HOW = click.Choice(["on-demand", "spot", "capacity-block", "reservation"])


@click.command()
@click.option("--name", default="endpoint", show_default=True, help="Of the endpoint.")
@click.option("--precision", required=True, metavar="WORD", help="bf16, fp8, nvfp4, …")
@click.option("--engine", type=click.Choice(["nim", "vllm"]), default="nim", show_default=True)
@click.option("--tp", type=COUNT, default=1, show_default=True, help="Tensor parallel.")
@click.option("--pp", type=COUNT, default=1, show_default=True, help="Pipeline parallel.")
@click.option("--memory-gib-per-gpu", type=AMOUNT, required=True, help="All that one process takes: see fit.")
@click.option("--replicas", type=COUNT, default=1, show_default=True)
@click.option("--max-surge", type=click.IntRange(min=0), default=0, help="Replicas above them during a rollout.")
@click.option("--cpus-per-pod", type=AMOUNT, default=0)
@click.option("--memory-gib-per-pod", type=AMOUNT, default=0, help="Of the host.")
@click.option("--nvme-gb-per-pod", type=AMOUNT, default=0, help="Instance store.")
@click.option("--region", default="us-east-1", show_default=True)
@click.option("--zone", "zones", multiple=True, metavar="ID", help="Only these, e.g. use1-az1; may repeat.")
@click.option("--spread-zones", type=COUNT, default=1, show_default=True, help="Zones to spread the replicas over.")
@click.option("--allow", multiple=True, metavar="TYPE|FAMILY", help="Only these; may repeat, or a,b.")
@click.option("--deny", multiple=True, metavar="TYPE|FAMILY", help="None of these; may repeat, or a,b.")
@click.option("--capacity-type", "how", type=HOW, multiple=True, default=("on-demand",), help="May repeat.")
@click.option(
    "--price", "prices", multiple=True, metavar="TYPE=USD", help="Per hour, where the catalogue has none or another."
)
@click.option("--max-usd-per-hour", metavar="USD", help="Refuse above it.")
@click.option("--custom-image", is_flag=True, help="Also types that need a node image of your own.")
@json_option
def command(  # one parameter an option
    name: str,
    precision: str,
    engine: str,
    tp: int,
    pp: int,
    memory_gib_per_gpu: float,
    replicas: int,
    max_surge: int,
    cpus_per_pod: float,
    memory_gib_per_pod: float,
    nvme_gb_per_pod: float,
    region: str,
    zones: tuple[str, ...],
    spread_zones: int,
    allow: tuple[str, ...],
    deny: tuple[str, ...],
    how: tuple[str, ...],
    prices: tuple[str, ...],
    max_usd_per_hour: str | None,
    *,
    custom_image: bool,
    as_json: bool,
) -> int:
    """The cheapest AWS nodes that hold an endpoint.

    Proven cheapest over all types of the region. A refusal names every type and all that it lacks.
    """
    from nim_profiles.money import money  # noqa: PLC0415 - as light as all else is heavy
    from nim_profiles.placement import (  # noqa: PLC0415 - brings the solver
        CapacityType,
        Constraints,
        Engine,
        Requirement,
        Unplaceable,
        catalogue_offerings,
        place,
        placement_json,
        refusal_json,
        runner_up_text,
    )

    need = Requirement(
        name=name,
        precision=precision,
        engine=Engine(engine),
        tensor_parallel=tp,
        pipeline_parallel=pp,
        memory_bytes_per_gpu=round(memory_gib_per_gpu * GIB),
        replicas=replicas,
        max_surge=max_surge,
        cpu_millicores_per_pod=round(cpus_per_pod * 1000),
        memory_bytes_per_pod=round(memory_gib_per_pod * GIB),
        nvme_bytes_per_pod=round(nvme_gb_per_pod * GB),
    )
    capacity_types = tuple(CapacityType(word) for word in how)
    constraints = Constraints(
        region=region,
        zones=zones,
        capacity_types=capacity_types,
        allow=_types("--allow", allow),
        deny=_types("--deny", deny),
        spread_zones=spread_zones,
        usd_per_hour_ceiling=None if max_usd_per_hour is None else _usd("--max-usd-per-hour", max_usd_per_hour),
        custom_image=custom_image,
    )
    try:
        placement = place([need], catalogue_offerings(region, capacity_types, _prices(prices)), constraints)
    except Unplaceable as refusal:
        if as_json:
            print_json(refusal_json(refusal))
        click.echo(f"nim-profiles: {refusal}", err=True)
        return REFUSED
    if as_json:
        print_json(placement_json(placement))
        return 0
    from nim_profiles.cli.instance_table import placement_table  # noqa: PLC0415 - only for people

    console().print(placement_table(placement))
    dates = ", ".join(placement.price_dates)
    click.echo(
        f"\n{money(placement.usd_per_hour)}/h, {money(placement.usd_per_month)} a month of 730 h (prices: {dates})"
    )
    click.echo(f"next best: {runner_up_text(placement)}")
    for note in placement.notes:
        click.echo(f"note: {note}")
    return 0


def _types(option: str, given: tuple[str, ...]) -> tuple[str, ...]:
    from nim_profiles.instance import every_type  # noqa: PLC0415 - reads the catalogue's data

    words = tuple(word.strip() for text in given for word in text.split(",") if word.strip())
    known = {name for kind in every_type().values() for name in (kind.name, kind.family)}
    unknown = sorted(set(words) - known)
    if unknown:
        raise BadInput(
            f"{option} names {', '.join(unknown)}: neither a type nor a family of the catalogue (see instances)"
        )
    return words


def _prices(given: tuple[str, ...]) -> dict[str, Decimal]:
    pairs = [text.partition("=") for text in given]
    _types("--price", tuple(name for name, _, _ in pairs))
    return {name: _usd("--price", usd) for name, _, usd in pairs}


def _usd(option: str, text: str) -> Decimal:
    try:
        usd = Decimal(text.removeprefix("$"))
    except InvalidOperation:
        usd = Decimal("NaN")
    if not usd.is_finite() or usd < 0:
        raise BadInput(f"{option} is {text!r}, which is no amount of dollars")
    return usd
