"""The version table `tools/versions.toml`: which programs, at which version, from where."""

import platform
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

TOOLS_FOLDER = Path(__file__).resolve().parents[2] / "tools"
"""Of this checkout: the sandbox is a part of the repository and is installed from it in place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One row under `programs`; `tools/versions.toml` explains its keys."""

    name: str
    version: str
    accepts: tuple[str, ...]
    version_command: tuple[str, ...]
    folder: str
    package: str
    ldflags: str
    usual: str
    tags: tuple[str, ...] = ()
    """Of the Go build."""
    on_demand: str | None = None
    """Name of the extra that alone needs it; None for what every sandbox needs."""
    download: str | None = None
    checksums: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """One row under `plugins`: a provider plugin that has a stand-in."""

    name: str
    distribution: str
    plugin_folder: str
    download: str
    checksums: str
    stand_in: str


@dataclass(frozen=True, slots=True)
class VersionTable:
    go_minimum: tuple[int, int]
    go_package: str
    """Requirement for pip."""
    programs: Mapping[str, Program]
    plugins: Mapping[str, Plugin]

    @property
    def go_version(self) -> str:
        """Of `go_package`."""
        return self.go_package.partition("==")[2]

    def needed_by(self, *extras: str | None) -> tuple[str, ...]:
        """Names of programs; None stands for the sandbox itself, without any extra."""
        return tuple(name for name, program in self.programs.items() if program.on_demand in extras)


def _row(
    kind: type[Program] | type[Plugin], name: str, row: Mapping[str, Any]
) -> Any:  # Any: TOML, and one of the two kinds
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    unknown = set(values) - {field.name for field in fields(kind)}
    if unknown:
        raise ValueError(f"{TOOLS_FOLDER}/versions.toml: {name} has unknown keys {sorted(unknown)}")
    return kind(name=name, **values)


@cache
def version_table() -> VersionTable:
    table = tomllib.loads((TOOLS_FOLDER / "versions.toml").read_text(encoding="utf-8"))
    return VersionTable(
        go_minimum=tuple(table["go"]["minimum"]),
        go_package=table["go"]["package"],
        programs={name: _row(Program, name, row) for name, row in table["programs"].items()},
        plugins={name: _row(Plugin, name, row) for name, row in table["plugins"].items()},
    )


def filled(template: str, version: str) -> str:
    """`{version}` and this machine's architecture put in."""
    arch = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    return template.format(version=version, arch=arch, pulumi_arch={"amd64": "x64"}.get(arch, arch))
