"""Provides the programs of the sandbox: found on PATH, else downloaded, else built; and puts them within reach."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from nim_sandbox.cache import Cache
from nim_sandbox.versions import Program, filled, version_table

if TYPE_CHECKING:
    from nim_sandbox.download import Downloads

VENV_BIN = Path(sys.prefix) / "bin"


class MissingTools(RuntimeError):
    """Programs that nobody has provided yet."""


def path_without_venv(environ: Mapping[str, str] = os.environ) -> str:
    """PATH without this virtual environment, where our own wrappers stand under the programs' names."""
    return os.pathsep.join(p for p in environ.get("PATH", "").split(os.pathsep) if p and Path(p) != VENV_BIN)


@cache
def _on_path(program: Program, path: str) -> Path | None:
    """The first of that name on `path`, if its version will do."""
    found = shutil.which(program.name, path=path)
    if found is None:
        return None
    answer = subprocess.run([found, *program.version_command], capture_output=True, text=True, check=False)
    version = re.search(r"\d+\.\d+\.\d+", answer.stdout)
    fits = version is not None and any(version[0].startswith(prefix) for prefix in program.accepts)
    return Path(found) if fits else None


def find(name: str) -> Path | None:
    """On PATH at a version that will do, else in the cache; None where neither."""
    program = version_table().programs[name]
    return _on_path(program, path_without_venv()) or Cache.of().find(name, program.version)


def locate(names: Iterable[str]) -> dict[str, Path]:
    """Finds, and makes nothing. Raises MissingTools, naming all that are missing."""
    found = {name: find(name) for name in names}
    missing = sorted(name for name, path in found.items() if path is None)
    if missing:
        extras = sorted({f" --{extra}" for name in missing if (extra := version_table().programs[name].on_demand)})
        run = f"nim-sandbox tools{''.join(extras)}" if extras else "make tools"
        raise MissingTools(f"not provided yet: {', '.join(missing)}. Run `{run}` (once, up to 20 minutes)")
    return {name: path for name, path in found.items() if path is not None}


def provide(report: Callable[[str], None], names: Iterable[str] | None = None) -> dict[str, Path]:
    """What every sandbox needs, or only `names`, made where missing. `report` gets lines for a person.

    Raises BuildFailed.
    """
    from nim_sandbox.download import Downloads  # noqa: PLC0415 - a run that finds everything is to be quick

    table = version_table()
    wanted = table.needed_by(None) if names is None else names
    downloads = Downloads(report)
    return {name: find(name) or _make(table.programs[name], downloads, report) for name in wanted}


def _make(program: Program, downloads: "Downloads", report: Callable[[str], None]) -> Path:
    from nim_sandbox.build import build, find_go  # noqa: PLC0415 - as above
    from nim_sandbox.download import DownloadFailed  # noqa: PLC0415 - as above

    store = Cache.of()

    def fill(folder: Path) -> None:
        if program.download is not None and program.checksums is not None:
            url, checksums = (filled(text, program.version) for text in (program.download, program.checksums))
            try:
                downloads.fetch(url, checksums, folder, program.name)
            except DownloadFailed:
                pass
            else:
                report(f"{program.name} {program.version}: downloaded from {url}")
                return
        go = find_go(version_table(), store, report)
        report(
            f"{program.name} {program.version}: not on PATH, no download; building it from its Go module "
            f"(first time usually {program.usual} on two cores)"
        )
        build(program, go, folder, report)

    return store.provide(program.name, program.version, fill, report)
