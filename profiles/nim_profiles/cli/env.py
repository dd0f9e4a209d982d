"""`nim-profiles env`."""

from typing import TYPE_CHECKING, Any

import click

from nim_profiles.cli.exit_codes import REFUSED, BadInput
from nim_profiles.cli.output import console, json_option, print_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nim_profiles.nim_env import Family, Finding, Variable


@click.command()
@click.argument("image", required=False, metavar="[FAMILY|IMAGE]")
@click.argument("settings", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--port", type=click.IntRange(1, 65535), help="That probes and service ask.")
@click.option("--vllm-version", metavar="N.N.N", help="In the image.")
@click.option("--allow-request-logging", is_flag=True, help="Warn of it only.")
@click.option("--unsafe-reason", metavar="TEXT", help="Why NIM_MANIFEST_ALLOW_UNSAFE is needed.")
@click.option("--markdown", is_flag=True, help="Print the table of docs/environment.md.")
@json_option
def command(
    image: str | None,
    settings: "tuple[str, ...]",
    port: int | None,
    vllm_version: str | None,
    unsafe_reason: str | None,
    *,
    allow_request_logging: bool,
    markdown: bool,
    as_json: bool,
) -> int:
    """Environment variables of NIM images.

    Lists what images of a family read (llm-1, llm-2, vlm-1, vlm-2, variant; or an image, whose family shows in its
    name), or checks the settings given: exit code 1 if one of them is refused. Secrets are never shown.
    """
    from nim_profiles.nim_env import Surroundings, all_variables, check_environment, variables  # noqa: PLC0415 - brings a parser of patterns and its data

    family, repository = (None, None) if image is None else _family(image)
    if family is None or not settings:
        rows = all_variables() if family is None else tuple(variables(family).values())
        return _list(rows, family, markdown=markdown, as_json=as_json)
    around = Surroundings(
        repository=repository,
        service_port=port,
        request_logging_allowed=allow_request_logging,
        unsafe_reason=unsafe_reason,
        vllm_version=vllm_version,
    )
    return _report(check_environment(_pairs(settings), family, around), family, as_json=as_json)


def _family(text: str) -> "tuple[Family, str | None]":
    from nim_profiles.nim_env import Family, image_family  # noqa: PLC0415 - as above

    if text in list(Family):
        return Family(text), None
    repository, colon, tag = text.partition("@")[0].rpartition(":")
    if "=" in text or not colon or (found := image_family(repository, tag)) is None:
        raise BadInput(f"name a family first ({', '.join(Family)}), or a NIM image with its version as tag")
    return found, repository


def _pairs(settings: "Sequence[str]") -> dict[str, str]:
    pairs = {}
    for number, setting in enumerate(settings, start=1):
        name, equals, value = setting.partition("=")
        if not (name and equals):
            raise BadInput(f"setting {number} is not KEY=VALUE")  # without the text: it may be a secret
        pairs[name] = value
    return pairs


def _list(rows: "Iterable[Variable]", family: "Family | None", *, markdown: bool, as_json: bool) -> int:
    if as_json:
        print_json({"family": family, "variables": [_json(row) for row in rows]})
        return 0
    if markdown:
        click.echo(markdown_table(rows), nl=False)
        return 0
    from rich.table import Table  # noqa: PLC0415 - heavy, and only for people

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("variable", "families", "takes", "default", "note"):
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(row.name, " ".join(row.families) or "other", _takes(row), row.default or "", row.note)
    console().print(table)
    return 0


def _report(findings: "tuple[Finding, ...]", family: "Family", *, as_json: bool) -> int:
    refused = [finding for finding in findings if finding.level == "refuse"]
    if as_json:
        told = [{"variable": one.variable, "level": one.level, "problem": one.problem} for one in findings]
        print_json({"family": family, "refused": len(refused), "findings": told})
    else:
        for finding in findings:
            click.echo(f"{finding.level}: {finding}")
        if not findings:
            click.echo(f"Nothing is known to be wrong with this on {family} images.")
    return REFUSED if refused else 0


def _takes(row: "Variable") -> str:
    return "a secret, by reference only" if row.secret else row.values


def markdown_table(rows: "Iterable[Variable]") -> str:
    lines = ["| variable | families | takes | default | note |", "|---|---|---|---|---|"]
    for row in rows:
        cells = (f"`{row.name}`", " ".join(row.families) or "other", _takes(row), row.default or "", _note(row))
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _note(row: "Variable") -> str:
    parts = [row.note] if row.note else []
    parts += [f"Only {', '.join(row.engines)}."] if row.engines else []
    parts += [f"vLLM: `{row.argument}`."] if row.argument else []
    parts += [f"Elsewhere: `{row.instead}`."] if row.instead else []
    return " ".join(parts)


def _json(row: "Variable") -> dict[str, Any]:
    return {
        "name": row.name,
        "families": list(row.families),
        "type": row.kind,
        "takes": _takes(row),
        "choices": list(row.choices),
        "minimum": row.minimum,
        "maximum": row.maximum,
        "default": row.default,
        "secret": row.secret,
        "engines": list(row.engines),
        "argument": row.argument,
        "note": row.note,
        "source": row.source,
    }
