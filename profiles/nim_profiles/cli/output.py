"""Printing: JSON for programs, rich tables for people, with colour only on a terminal."""

import json
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

    from nim_profiles.profile import Profile
    from nim_profiles.profile_source import ProfileSource

PIPE_WIDTH = 1000
"""Columns where nobody looks at a screen: lines stay whole for grep and awk."""


def print_json(document: Mapping[str, Any]) -> None:
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def console() -> "Console":
    from rich.console import Console  # noqa: PLC0415 - as heavy as all the rest of the program

    class Screen(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # rich would end the program with 1, which means a refusal here

    width = None if sys.stdout.isatty() else PIPE_WIDTH
    return Screen(width=width, highlight=False, emoji=False, markup=False, soft_wrap=False)


def warn(texts: "tuple[str, ...]") -> None:
    for text in texts:
        click.echo(f"warning: {text}", err=True)


def profile_json(profile: "Profile", source: "ProfileSource | None" = None) -> dict[str, Any]:
    """One profile as every command writes it; null is what nobody has said. `docs/cli.md` holds the schema."""
    listed = None if source is None else source.listed.get(profile.id)
    split = "tp" in profile.tags
    return {
        "id": profile.id,
        "name": profile.name,
        "engine": profile.engine,
        "precision": profile.precision,
        "tensor_parallel": profile.tensor_parallel if split else None,
        "pipeline_parallel": profile.pipeline_parallel if split else None,
        "gpu_count": profile.gpu_count if split else None,
        "lora": profile.lora,
        "gpu": profile.gpu,
        "min_vram_gb_per_gpu": profile.min_vram_per_device_gb,
        "tags": dict(sorted(profile.tags.items())),
        "tags_complete": profile.tags_complete,
        "workspace_hash": profile.workspace_hash,
        "download_bytes": profile.download_bytes,
        "download_basis": None if source is None else source.download_basis.get(profile.id),
        "status": None if listed is None else str(listed.status),
        "required_gb_per_gpu": None if listed is None else listed.required_gb,
        "suggested_max_model_len": None if listed is None else listed.max_model_len,
        "reduced_gb_per_gpu": None if listed is None else listed.reduced_gb,
    }


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("as_json", "--json", is_flag=True, help="Print JSON (schema: docs/cli.md).")(command)
